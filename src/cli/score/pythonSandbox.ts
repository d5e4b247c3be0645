/**
 * Runs Python programs that a model wrote, each in a process of its own under limits. `sandbox.py` says what holds
 * them; this side starts the processes, ends them in time, and takes the network away where the system can do that.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CliError, EXIT } from '../exitCodes';
import sandboxSource from './sandbox.py';

export interface SandboxLimits {
  /** Processor time of one program, in whole seconds. */
  readonly cpuSeconds: number;
  /** Address space of one program, the interpreter included. */
  readonly memoryBytes: number;
}

export type ProgramOutcome =
  | { readonly kind: 'passed' }
  /** `error` is the name of the exception, or what else ended the process. */
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'timeout' };

/** What holds programs on this machine. */
export interface SandboxFacts {
  /** As in `3.11.7`. */
  readonly python: string;
  /** Limits of the system that are in force, of cpu, memory, files, processes, core. */
  readonly limits: readonly string[];
  /** `namespace`: programs have no network; `guard`: Python refuses sockets. */
  readonly network: 'namespace' | 'guard';
}

/** A program that waits needs no processor: it is ended after so many times its processor time. */
const WALL_PER_CPU = 3;
/** Longer answers than `sandbox.py` gives are none. */
const MAX_ANSWER_BYTES = 4096;
/** Signals by which a limit on time ends a process. */
const TIME_SIGNALS: readonly (NodeJS.Signals | null)[] = ['SIGXCPU', 'SIGALRM'];
/** Ways to start a program without a network, for root and for others. */
const WITHOUT_NETWORK = [
  ['unshare', '--net', '--'],
  ['unshare', '--user', '--net', '--'],
];

/** What a process of the sandbox left behind. */
interface Ended {
  readonly answer: string;
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly late: boolean;
}

export class PythonSandbox {
  private constructor(
    private readonly command: readonly string[],
    private readonly limits: SandboxLimits,
    readonly facts: SandboxFacts,
  ) {}

  /**
   * Finds the interpreter and what this machine can hold programs with.
   * @param python a command or path
   * @throws CliError where there is no Python 3.8 or later, or it cannot run a program in the sandbox
   */
  static async open(python: string, limits: SandboxLimits): Promise<PythonSandbox> {
    const { path, version } = await findPython(python);
    const prefix = await withoutNetwork();
    const command = [...prefix, path, '-I', '-B', '-c', sandboxSource];
    const network = prefix.length > 0 ? 'namespace' : 'guard';
    const blank = new PythonSandbox(command, limits, { python: version, limits: [], network });
    const ended = await blank.#start('pass', undefined);
    const answer = parseAnswer(ended.answer);
    if (answer?.error !== null) {
      throw new CliError(
        EXIT.fileFailed,
        `${python} cannot run a program in the sandbox: ${howItEnded(ended)}.`,
      );
    }
    return new PythonSandbox(command, limits, { python: version, limits: answer.limits, network });
  }

  /** Runs a program to its end. @throws the signal's reason once it is aborted, when the process has ended */
  async run(program: string, signal: AbortSignal): Promise<ProgramOutcome> {
    const ended = await this.#start(program, signal);
    signal.throwIfAborted();
    const answer = parseAnswer(ended.answer);
    if (answer !== undefined) {
      return answer.error === null ? { kind: 'passed' } : { kind: 'failed', error: answer.error };
    }
    if (ended.late || TIME_SIGNALS.includes(ended.signal)) return { kind: 'timeout' };
    return { kind: 'failed', error: howItEnded(ended) };
  }

  async #start(program: string, signal: AbortSignal | undefined): Promise<Ended> {
    const folder = await mkdtemp(join(tmpdir(), 'qwen-coder-score-'));
    try {
      return await this.#startIn(folder, program, signal);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  #startIn(cwd: string, program: string, signal: AbortSignal | undefined): Promise<Ended> {
    const { cpuSeconds, memoryBytes } = this.limits;
    const wallSeconds = cpuSeconds * WALL_PER_CPU;
    const [file = '', ...args] = this.command;
    return new Promise((resolve, reject) => {
      // A group of its own: what is ended is the program with everything that it may have started.
      const child = spawn(file, args, {
        cwd,
        env: cleanEnvironment(),
        detached: process.platform !== 'win32',
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let answer = '';
      let late = false;
      const kill = (): void => killGroup(child.pid);
      const timer = setTimeout(() => {
        late = true;
        kill();
      }, wallSeconds * 1000);
      signal?.addEventListener('abort', kill, { once: true });
      child.once('error', reject);
      child.once('close', (exitCode, by) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', kill);
        // Whatever it started and left behind.
        kill();
        resolve({ answer, signal: by, exitCode, late });
      });
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (text: string) => (answer = (answer + text).slice(0, MAX_ANSWER_BYTES)));
      // A process that has ended before it has read everything says so by its exit.
      child.stdin.on('error', () => undefined);
      child.stdin.end(`${JSON.stringify({ cpuSeconds, wallSeconds, memoryBytes })}\n${program}`);
      if (signal?.aborted === true) kill();
    });
  }
}

/** The interpreter by its full path, since programs are started without a search path. */
async function findPython(python: string): Promise<{ path: string; version: string }> {
  const script = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';
  const { stdout } = await promisify(execFile)(python, ['-I', '-c', script]).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.fileFailed, `There is no working ${python}: ${reason}`, { cause: error });
  });
  const [path = '', version = ''] = stdout.trim().split(/\r?\n/);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < 8) {
    throw new CliError(EXIT.fileFailed, `${python} is Python ${version}; 3.8 or later is needed.`);
  }
  return { path, version };
}

/** What to put in front of a command so that it has no network; nothing where the system cannot do that. */
async function withoutNetwork(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  for (const [program = '', ...args] of WITHOUT_NETWORK) {
    const works = await promisify(execFile)(program, [...args, 'true']).then(
      () => true,
      () => false,
    );
    if (works) return [program, ...args];
  }
  return [];
}

/** Nothing of this person's; Windows does not start a process without its own folder. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot, PATH } = process.env;
  return process.platform === 'win32' ? { SystemRoot } : { PATH };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function parseAnswer(text: string): { error: string | null; limits: readonly string[] } | undefined {
  try {
    const { error, limits } = JSON.parse(text) as { error: string | null; limits: readonly string[] };
    return { error, limits };
  } catch {
    return undefined;
  }
}

const howItEnded = ({ signal, exitCode }: Ended): string =>
  signal === null ? `exit code ${String(exitCode)}` : signal;
