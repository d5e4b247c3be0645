/** Runs a project's test runner on one file, in a child process with a time limit, beside the workspace. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { compileErrors, withoutBrokenTests, type Compiled } from '../../assist/testgen/compileErrors';
import type { FrameworkId } from '../../assist/testgen/framework';
import { readResults, type RunOutput, type TestResult } from '../../assist/testgen/results';
import { makeOverlay } from './overlay';
import { projectFolder, runnerCommand } from './runnerCommand';
import { runProgram } from './runProgram';

/** A few unit tests take seconds; a test that loops must end. */
const LIMIT_MS = 60_000;
/** The compilers of Go and Rust may have a whole project before them. */
const COMPILED_LIMIT_MS = 300_000;
/** A compiler tells of some errors only when others are gone. */
const MAX_COMPILES = 4;
/** Go ends the whole run at a panic; the tests behind it are run by themselves, as often as this. */
const MAX_RERUNS = 4;

export interface TestRun {
  readonly framework: FrameworkId;
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** Of the test file, relative to it, with slashes. */
  readonly path: string;
  /** The file as it would be. */
  readonly text: string;
}

/** Whether tests of a framework can be run here. */
export const isRunnable = (framework: FrameworkId): boolean => framework !== 'generic';

/**
 * Runs the tests of a file that is not written yet. The workspace's own files are linked, not copied, and not written.
 * A test that the compiler refuses is left out, so that the others run.
 *
 * @throws EngineError `aborted`; `io` where the runner does not start
 */
export async function runTests(run: TestRun, signal: AbortSignal): Promise<RunOutput> {
  const files = new Map([[run.path, run.text]]);
  // Maven builds into a folder of the project and knows no other.
  const built =
    run.framework === 'junit'
      ? posix.join(await projectFolder('junit', run.root, run.path), 'target')
      : undefined;
  const overlay = await makeOverlay(run.root, files, built);
  const reports = await mkdtemp(join(tmpdir(), 'qwen-coder-report-'));
  const report = join(reports, 'report');
  const once: Once = async (text) => {
    await writeFile(join(overlay.folder, run.path), text);
    // Of the run before: a runner that ends early writes none.
    await rm(report, { force: true });
    const { framework, root, path } = run;
    const command = await runnerCommand({ framework, root, folder: overlay.folder, path, text, report });
    const limitMs = /^(?:go|cargo|junit)$/.test(framework) ? COMPILED_LIMIT_MS : LIMIT_MS;
    const output = await runProgram(command, command.cwd, limitMs, signal);
    return { ...output, report: await readReports(report, command.reports) };
  };
  try {
    if (!isCompiled(run.framework)) return await once(run.text);
    return await compiled(run, run.framework, once);
  } finally {
    await overlay.remove();
    await rm(reports, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function readReports(report: string, folder: string | undefined): Promise<string> {
  if (folder === undefined) return readFile(report, 'utf8').catch(() => '');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.xml'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

type Once = (text: string) => Promise<RunOutput>;
const isCompiled = (framework: FrameworkId): framework is Compiled =>
  /^(?:go|cargo|jest|junit)$/.test(framework);

/** One broken test must not keep the others from running: the compiler says which lines it does not take. */
async function compiled({ path, text }: TestRun, language: Compiled, once: Once): Promise<RunOutput> {
  const notCompiled: TestResult[] = [];
  let current = text;
  let output = await once(current);
  for (let turn = 1; turn < MAX_COMPILES; turn++) {
    const rest = withoutBrokenTests(current, path, language, compileErrors(output));
    if (rest.broken.length === 0) break;
    notCompiled.push(...rest.broken);
    if (rest.left === 0) return { ...output, notCompiled };
    current = rest.text;
    output = await once(current);
  }
  if (language === 'go') output = await afterPanics(current, path, output, once);
  return { ...output, notCompiled };
}

/** Runs by themselves the Go tests that a panic in another one has kept from running. */
async function afterPanics(text: string, path: string, first: RunOutput, once: Once): Promise<RunOutput> {
  let { stdout, stderr } = first;
  const file = path.split('/').at(-1) ?? path;
  let current = text;
  for (let turn = 0; turn < MAX_RERUNS; turn++) {
    const done = readResults('go', { stdout, stderr: '', report: '' }, file).map(({ name }) => name);
    const all = [...text.matchAll(/^func (Test\w+)/gm)].map(([, name = '']) => name);
    const open = all.filter((name) => !done.includes(name));
    if (open.length === 0 || done.length === 0) break;
    // Renamed so that no runner takes it for a test; the lines stay.
    current = done.reduce(
      (so, name) => so.replace(new RegExp(`^func ${name}\\b`, 'm'), `func ran${name}`),
      current,
    );
    const output = await once(current);
    if (readResults('go', { ...output, stderr: '' }, file).length === 0) break;
    stdout += `\n${output.stdout}`;
    stderr += `\n${output.stderr}`;
  }
  return { ...first, stdout, stderr };
}
