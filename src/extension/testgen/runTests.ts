/** Runs a project's test runner on one file, in a child process with a time limit, beside the workspace. */
import { spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, posix } from 'node:path';
import type { FrameworkId } from '../../assist/testgen/framework';
import type { RunOutput } from '../../assist/testgen/results';
import { EngineError } from '../../inference/errors';
import { makeOverlay } from './overlay';

/** A few unit tests take seconds; a test that loops must end. */
const LIMIT_MS = 60_000;
/** The compilers of Go and Rust may have a whole project before them. */
const COMPILED_LIMIT_MS = 300_000;
/** Kept of what the runner prints, in UTF-16 units. */
const MAX_OUTPUT = 2_000_000;

/** Signs that have a meaning to the shell of Windows, also between quotes. */
const SHELL_SIGNS = /["%&|<>^!\r\n]/;

export interface TestRun {
  readonly framework: FrameworkId;
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** Of the test file, relative to it, with slashes. */
  readonly path: string;
  /** The file as it would be. */
  readonly text: string;
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Program is a script of a package manager, which Windows starts through a shell. */
  readonly shell?: boolean;
}

/** Whether tests of a framework can be run here. */
export const isRunnable = (framework: FrameworkId): boolean =>
  framework !== 'generic' && framework !== 'junit';

/**
 * Runs the tests of a file that is not written yet. The workspace's own files are linked, not copied, and not written.
 *
 * @throws EngineError `aborted`; `io` where the runner does not start
 */
export async function runTests(run: TestRun, signal: AbortSignal): Promise<RunOutput> {
  const overlay = await makeOverlay(run.root, new Map([[run.path, run.text]]));
  const reports = await mkdtemp(join(tmpdir(), 'qwen-coder-report-'));
  try {
    const report = join(reports, 'report');
    const command = await commandOf(run, overlay.folder, report);
    const compiled = run.framework === 'go' || run.framework === 'cargo';
    const output = await execute(command, overlay.folder, compiled ? COMPILED_LIMIT_MS : LIMIT_MS, signal);
    return { ...output, report: await readFile(report, 'utf8').catch(() => '') };
  } finally {
    await overlay.remove();
    await rm(reports, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function commandOf(
  { framework, root, path, text }: TestRun,
  folder: string,
  report: string,
): Promise<Command> {
  const npx = (...args: string[]): Command => ({
    program: 'npx',
    args: ['--no-install', ...args],
    shell: true,
  });
  switch (framework) {
    case 'pytest':
    case 'unittest':
      return {
        program: await pythonOf(root),
        args: ['-m', 'pytest', '-q', '--tb=short', '-p', 'no:cacheprovider', `--junitxml=${report}`, path],
        // Nothing is to be written through the links.
        env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: [folder, join(folder, 'src')].join(delimiter) },
      };
    case 'vitest':
      return npx('vitest', 'run', path, '--reporter=json', `--outputFile=${report}`);
    case 'jest':
      return npx('jest', '--runTestsByPath', path, '--json', `--outputFile=${report}`, '--cache=false');
    case 'mocha':
      return npx('mocha', path, '--reporter', 'json');
    case 'node:test':
      return { program: 'node', args: ['--test', '--test-reporter=tap', path] };
    case 'go': {
      const names = [...text.matchAll(/^func (Test\w+)/gm)].map(([, name = '']) => name);
      const dir = `./${posix.dirname(path)}`;
      return { program: 'go', args: ['test', '-json', '-vet=off', '-run', `^(${names.join('|')})$`, dir] };
    }
    case 'cargo':
      // Built beside the project: its own target folder is not to be touched.
      return {
        program: 'cargo',
        args: ['test', '--lib', '--bins'],
        env: { CARGO_TARGET_DIR: join(folder, '.target') },
      };
    default:
      throw new EngineError('invalid-request', `Tests of ${framework} cannot be run from here.`);
  }
}

/** The project's own environment, else the one on the path. */
async function pythonOf(root: string): Promise<string> {
  const inside = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
  for (const name of ['.venv', 'venv', 'env']) {
    const path = join(root, name, inside);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return process.platform === 'win32' ? 'python' : 'python3';
}

function execute(
  { program, args, env = {}, shell = false }: Command,
  cwd: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<Omit<RunOutput, 'report'>> {
  return new Promise((resolve, reject) => {
    const windows = process.platform === 'win32';
    const throughShell = shell && windows;
    if (throughShell && args.some((arg) => SHELL_SIGNS.test(arg))) {
      reject(new EngineError('invalid-request', 'The path of the tests has signs that a shell would read.'));
      return;
    }
    const child = spawn(program, throughShell ? args.map((arg) => `"${arg}"`) : args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what the tests start ends with them.
      detached: !windows,
      shell: throughShell,
    });
    let stdout = '';
    let stderr = '';
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => (stdout = (stdout + text).slice(-MAX_OUTPUT)));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_OUTPUT)));
    const stop = (): void => {
      if (child.pid === undefined) return;
      try {
        if (windows) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself in the meantime.
      }
    };
    const timer = setTimeout(() => {
      stderr += `\nIt did not end within ${limitMs / 1000} seconds.`;
      stop();
    }, limitMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      end();
    };
    child.once('error', (error) =>
      settle(() => reject(new EngineError('io', `${program} could not be started: ${error.message}`))),
    );
    child.once('close', () =>
      settle(() => {
        if (signal.aborted) reject(new EngineError('aborted', 'cancelled'));
        else resolve({ stdout, stderr });
      }),
    );
  });
}
