/** Runs the engine in a process of its own that may die, and tells how it ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { GenerateRequest, LoadedModel } from '../../src/inference/engine';
import type { EngineErrorCode } from '../../src/inference/errors';
import type { LoadOptions } from '../../src/inference/protocol';
import type { Fault } from './faults';

const CHILD = resolve('out/test/support/sacrificeMain.js');

/** Of a process whose heap is to be filled: enough for the tiny model, and full in a moment. */
const SMALL_HEAP_MB = 48;

export interface SacrificeOrder {
  readonly load: LoadOptions;
  readonly request: GenerateRequest;
  readonly fault?: Fault;
  /**
   * How it ends if it lives so long; `dispose` is the orderly way. `terminate-in-run`: the thread is ended by force
   * while it generates. `fill-heap`: the heap is filled while it generates. `wait`: it stays until it is killed.
   */
  readonly end: 'dispose' | 'exit' | 'wait' | 'terminate-in-run' | 'fill-heap';
}

export type SacrificeSays =
  | { readonly did: 'loaded'; readonly model: LoadedModel }
  | { readonly did: 'generated'; readonly text: string; readonly addressSpaceKib: number }
  | {
      readonly did: 'failed';
      readonly code: EngineErrorCode;
      readonly message: string;
      readonly detail: Readonly<Record<string, string | number>>;
    }
  | { readonly did: 'closed' };

export interface SacrificeEnd {
  readonly said: readonly SacrificeSays[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Sacrifice {
  readonly process: ChildProcess;
  /** Resolves when it has said so; rejects if it ends without. */
  until(did: SacrificeSays['did']): Promise<void>;
  readonly ended: Promise<SacrificeEnd>;
}

/** @param addressSpaceKib upper bound on its address space in KiB, set by the shell (`ulimit -v`) */
export function startSacrifice(order: SacrificeOrder, addressSpaceKib?: number): Sacrifice {
  const flags = order.end === 'fill-heap' ? [`--max-old-space-size=${SMALL_HEAP_MB}`] : [];
  const command = [process.execPath, ...flags, CHILD, JSON.stringify(order)];
  const child =
    addressSpaceKib === undefined
      ? spawn(command[0] as string, command.slice(1))
      : spawn('sh', ['-c', 'ulimit -c 0; ulimit -v "$0"; exec "$@"', String(addressSpaceKib), ...command]);
  const said: SacrificeSays[] = [];
  const listeners = new Set<() => void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    said.push(JSON.parse(line) as SacrificeSays);
    for (const listener of [...listeners]) listener();
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<SacrificeEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ said, exitCode, signal, stderr }));
  });
  const until = (did: SacrificeSays['did']): Promise<void> =>
    new Promise((resolve, reject) => {
      const listener = (): void => {
        if (!said.some((message) => message.did === did)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      void ended.then(() => reject(new Error(`it ended and never ${did}: ${stderr}`)));
      listener();
    });
  return { process: child, until, ended };
}
