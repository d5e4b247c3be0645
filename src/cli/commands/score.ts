/** `qwen-coder score`: how many samples pass their tests. */
import { availableParallelism } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { CliContext } from '../cliContext';
import { CliError, EXIT, type ExitCode } from '../exitCodes';
import { failedFile } from '../fileFailure';
import { readSamples } from '../infill/sampleFile';
import { numberAbove, wholeNumber } from '../optionValues';
import { PythonSandbox, type SandboxFacts } from '../score/pythonSandbox';
import { readScoredTasks, scoreOf, scoreSamples, type Score } from '../score/scoring';

interface ScoreOptions {
  readonly in: string;
  readonly samples: string;
  readonly json?: string;
  readonly jobs: number;
  readonly timeout: number;
  readonly memory: number;
  readonly python: string;
  readonly failUnder?: number;
}

const MEBIBYTE = 1024 * 1024;

const HELP = `
Runs, for each sample, the program "prompt + completion + suffix + test", which ends with check(entry_point), and
counts how many end without an exception. Samples are the lines {"task_id", "completion"} that "infill" writes; tasks
need "prompt", "suffix", "test", "entry_point" and "canonical_solution". Tasks without a sample do not count.

Standard output has pass@1 (the mean over tasks of the share of their samples that pass), exact match (the same for
samples that equal the canonical solution, blanks around both left aside) and the counts. --json writes these and the
outcome of each sample to a file, or with - to standard output instead.

This runs code that a model wrote. Each program gets a Python process of its own in isolated mode (python3 -I), in an
empty temporary folder, with no environment but PATH and no standard streams. What holds it:
  - limits of the system on processor time (--timeout), memory (--memory), written files (none) and, except for
    root, new processes (none); on Windows there are none, and macOS does not limit memory
  - after three times --timeout the process is ended with whatever it has started
  - Linux: a network namespace without a network, where "unshare" may make one; the output says whether it did
  - everywhere: Python refuses sockets, other programs, ctypes, and opening, moving or deleting files to change them
That stops what a model writes by mistake. It does not stop code that is written to break out of Python, and programs
may read what you may read. For samples that you do not trust, use a container or a virtual machine.

Exit code 1 means that pass@1 is below --fail-under.

Example:
  qwen-coder score --in HumanEval-SingleLineInfilling.jsonl.gz --samples samples.jsonl --json score.json`;

export function scoreCommand(context: CliContext, exit: (code: ExitCode) => void): Command {
  return new Command('score')
    .summary("run the tasks' tests on samples and count how many pass")
    .description('Runs the tests of HumanEval-Infilling tasks on samples.')
    .requiredOption('--in <file>', 'tasks with their tests, .jsonl or .jsonl.gz')
    .requiredOption('--samples <file>', 'samples, .jsonl or .jsonl.gz')
    .option('--json <file>', 'write the score and each outcome as JSON; - is standard output')
    .option('--jobs <n>', 'programs at a time', wholeNumber(1, 256), availableParallelism())
    .option('--timeout <seconds>', 'processor time of one program', wholeNumber(1, 3600), 6)
    .option('--memory <MiB>', 'memory of one program', wholeNumber(64, 1_048_576), 1024)
    .option('--python <command>', 'Python 3.8 or later', process.platform === 'win32' ? 'python' : 'python3')
    .option('--fail-under <percent>', 'exit with 1 where pass@1 is lower', numberAbove(0, 100))
    .addHelpText('after', HELP)
    .action(async (options: ScoreOptions) => exit(await score(options, context)));
}

async function score(options: ScoreOptions, { terminal, interrupt }: CliContext): Promise<ExitCode> {
  const tasks = await readScoredTasks(options.in);
  const samples = await readSamples(options.samples);
  if (samples.length === 0) throw new CliError(EXIT.fileFailed, `${options.samples} has no samples.`);
  const limits = { cpuSeconds: options.timeout, memoryBytes: options.memory * MEBIBYTE };
  const sandbox = await PythonSandbox.open(options.python, limits);
  terminal.note(factsInWords(sandbox.facts));
  let done = 0;
  let passed = 0;
  const results = await scoreSamples(tasks, samples, sandbox, {
    jobs: options.jobs,
    signal: interrupt.signal,
    onResult: ({ task_id, outcome }) => {
      done++;
      if (outcome === 'passed') passed++;
      terminal.status(`${done} of ${samples.length}, ${passed} passed: ${task_id} ${outcome}`);
    },
  });
  terminal.clearStatus();
  const found = scoreOf(tasks.size, results);
  const json = `${JSON.stringify({ ...found, limits, sandbox: sandbox.facts, results }, undefined, 2)}\n`;
  if (options.json === '-') terminal.result(json);
  else terminal.result(scoreInWords(found));
  if (options.json !== undefined && options.json !== '-') {
    await writeFile(options.json, json).catch((error: unknown) => {
      throw failedFile('write', options.json ?? '', error);
    });
  }
  return 100 * found.passAt1 < (options.failUnder ?? 0) ? EXIT.nothing : EXIT.ok;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(7);

function scoreInWords(score: Score): string {
  const { samples, sampledTasks, tasks } = score;
  return [
    `pass@1       ${percent(score.passAt1)}`,
    `exact match  ${percent(score.exactMatch)}`,
    `samples      ${samples} of ${sampledTasks} tasks (the file has ${tasks}): ${score.passed} passed, ` +
      `${score.failed} failed, ${score.timeouts} ran out of time, ${score.exact} exact`,
    '',
  ].join('\n');
}

function factsInWords({ python, limits, network }: SandboxFacts): string {
  const limited = limits.length === 0 ? 'no limits of the system' : `limits on ${limits.join(', ')}`;
  const without = network === 'namespace' ? 'no network (namespace)' : 'sockets refused by Python only';
  return `Python ${python}; ${limited}; ${without}`;
}
