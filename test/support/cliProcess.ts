/** The bundled command line as a process of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export const CLI = resolve('dist/cli.js');

export interface CliRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Another copy of the bundle. */
  readonly cli?: string;
  /** Called with the running process, to send it signals or close its streams. */
  readonly during?: (child: ChildProcessByStdio<Writable, Readable, Readable>) => Promise<void> | void;
}

/** Runs it to its end. */
export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const child = spawn(process.execPath, [options.cli ?? CLI, ...words], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliRun>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  child.stdin.on('error', () => undefined);
  // A standard input that stays open when nothing is to be read from it, as a terminal's does.
  if (options.input !== undefined) child.stdin.end(options.input);
  try {
    await options.during?.(child);
    return await ended;
  } finally {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}
