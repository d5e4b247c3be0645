/** Runs a program to its end, within a time limit and with bounded output. */
import { spawn } from 'node:child_process';
import type { RunOutput } from '../../assist/testgen/results';
import { EngineError } from '../../inference/errors';

/** Kept of what the runner prints, in UTF-16 units. */
const MAX_OUTPUT = 2_000_000;

/** Signs that have a meaning to the shell of Windows, also between quotes. */
const SHELL_SIGNS = /["%&|<>^!\r\n]/;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Program is a script of a package manager, which Windows starts through a shell. */
  readonly shell?: boolean;
}

/** @throws EngineError `aborted`; `io` where it does not start */
export function runProgram(
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
