/** `qwen-coder infill`: completions for a file of tasks. */
import { Command } from 'commander';
import { systemClock } from '../../completion/clock';
import { DEFAULT_COMPLETER_OPTIONS } from '../../completion/completer';
import type { Engine } from '../../inference/engine';
import { withLock } from '../../inference/store/interProcessLock';
import { bundledSyntax } from '../bundledSyntax';
import type { CliContext } from '../cliContext';
import { addEngineOptions, type EngineOptions } from '../engineOptions';
import { CliError, EXIT, type ExitCode } from '../exitCodes';
import { editorFiller, rawFiller, type Filler } from '../infill/fillers';
import { readInfillTasks, type InfillTask } from '../infill/infillTask';
import { readInterruptedSamples, SampleFile } from '../infill/sampleFile';
import { wholeNumber } from '../optionValues';
import type { Terminal } from '../terminal';
import { modelInWords, withEngine } from '../withEngine';

interface InfillOptions extends EngineOptions {
  readonly in: string;
  readonly out: string;
  readonly raw?: boolean;
  readonly firstLine?: boolean;
  readonly every: number;
  readonly maxTokens?: number;
  readonly language: string;
  readonly fresh?: boolean;
}

const RAW_MAX_TOKENS = 128;

const HELP = `
Reads tasks in the format of HumanEval-Infilling, one JSON object per line with the texts "task_id", "prompt" and
"suffix", and writes one line {"task_id", "completion"} for each, in the same order. Names that end with .gz are
compressed.

By default the completion is what the editor would show between prompt and suffix (see "complete --help"), and empty
where it would show nothing. A hole that is whole lines is an empty line in the editor, whose line end is added to
the completion.

With --raw it is what the model writes behind the bare fill-in-the-middle prompt, greedily, until a special token or
--max-tokens; nothing is cut. --first-line then stops where the first line ends and keeps that line with its end,
which is how single-line tasks are usually run: the model seldom stops there by itself.

Each line is written at once. When --out is there already, the run goes on behind it: tasks that it has are skipped.
Go on with the same options, or begin anew with --fresh; the file does not say what it was made with. Two runs with
the same --out take turns.

Example:
  qwen-coder infill --in HumanEval-SingleLineInfilling.jsonl.gz --out samples.jsonl --raw --first-line --every 20`;

export function infillCommand(context: CliContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('infill')
    .summary('write completions for a file of HumanEval-Infilling tasks')
    .description('Writes completions for tasks of HumanEval-Infilling.')
    .requiredOption('--in <file>', 'tasks, .jsonl or .jsonl.gz')
    .requiredOption('--out <file>', 'samples, .jsonl or .jsonl.gz; continued where it is there')
    .option('--raw', 'the bare prompt instead of the pipeline of the editor')
    .option('--first-line', 'with --raw: end with the first line')
    .option(
      '--every <n>',
      'only the 1st, (n+1)th, (2n+1)th … task',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      1,
    )
    .option(
      '--max-tokens <n>',
      `longest completion, in tokens (default: ${DEFAULT_COMPLETER_OPTIONS.maxNewTokens}, with --raw ${RAW_MAX_TOKENS})`,
      wholeNumber(1, 4096),
    )
    .option('--language <id>', "the editor's identifier of the tasks' language", 'python')
    .option('--fresh', 'begin --out anew');
  return addEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (options: InfillOptions) => exit(await infill(options, context)));
}

async function infill(options: InfillOptions, context: CliContext): Promise<ExitCode> {
  if (options.firstLine === true && options.raw !== true) {
    throw new CliError(EXIT.usage, '--first-line goes with --raw: the editor has rules of its own.');
  }
  const { terminal, interrupt, distDir } = context;
  const tasks = (await readInfillTasks(options.in)).filter((_, index) => index % options.every === 0);
  let fresh = options.fresh === true;
  let told = false;
  const onWait = (): void => {
    if (!told) terminal.note(`Waiting for another run that writes ${options.out}, or did seconds ago.`);
    told = true;
  };
  // Two runs would write over each other's samples.
  await withLock(options.out, { onWait, signal: interrupt.signal }, async ({ lost }) => {
    const kept = fresh ? [] : await readInterruptedSamples(options.out);
    const done = new Set(kept.map(({ task_id }) => task_id));
    const open = tasks.filter(({ task_id }) => !done.has(task_id));
    if (done.size > 0) terminal.note(`${tasks.length - open.length} tasks are in ${options.out} already.`);
    if (open.length === 0) return;
    await withEngine(options, context, async (engine, model) => {
      const way = options.raw === true ? 'raw prompt' : 'pipeline of the editor';
      terminal.note(`${modelInWords(model)}; ${way}`);
      // The file is touched only once the model is there.
      const file = await SampleFile.open(options.out, kept);
      fresh = false;
      const signal = AbortSignal.any([interrupt.signal, lost]);
      await fillAll(open, fillerOf(engine, options, distDir), file, { terminal, signal }).finally(() =>
        file.close(),
      );
    });
  });
  terminal.note(`${tasks.length} tasks are in ${options.out}.`);
  return EXIT.ok;
}

async function fillAll(
  tasks: readonly InfillTask[],
  fill: Filler,
  file: SampleFile,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<void> {
  const start = performance.now();
  for (const [index, task] of tasks.entries()) {
    const { completion, endedBy } = await fill(task, signal);
    // What was cut short is no answer to the task.
    signal.throwIfAborted();
    await file.add({ task_id: task.task_id, completion });
    const seconds = (performance.now() - start) / 1000;
    terminal.status(`${progress(index + 1, tasks.length, seconds)}: ${task.task_id}, ended by ${endedBy}`);
  }
}

function fillerOf(engine: Engine, options: InfillOptions, distDir: string): Filler {
  const { raw, firstLine = false, language, maxTokens } = options;
  if (raw === true) return rawFiller(engine, { maxTokens: maxTokens ?? RAW_MAX_TOKENS, firstLine });
  const editor = {
    languageId: language,
    maxTokens: maxTokens ?? DEFAULT_COMPLETER_OPTIONS.maxNewTokens,
    syntax: bundledSyntax(distDir),
  };
  return editorFiller(engine, editor, systemClock());
}

function progress(done: number, total: number, seconds: number): string {
  const each = seconds / done;
  const minutesLeft = Math.round((each * (total - done)) / 60);
  return `${done} of ${total}, ${each.toFixed(2)} s each, ${minutesLeft} min left`;
}
