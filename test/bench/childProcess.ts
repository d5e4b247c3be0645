import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { BenchEngineOptions } from './benchEngine';
import type { ChildAnswer, ChildRequest, ChildRole, ChildRoles } from './childRoles';
import type { MemoryReading } from './processMemory';

const CHILD_FILE = resolve('out/test/bench/childMain.js');

/** The methods of T, called in another process. */
export type Remote<T> = {
  readonly [M in keyof T]: T[M];
} & { memory(): Promise<MemoryReading>; close(): Promise<void> };

/**
 * Starts a process for a role. `close` releases what it holds and waits for its end.
 * Arguments and results of all methods must survive JSON.
 */
export function startChild<R extends ChildRole>(role: R, options: BenchEngineOptions): Remote<ChildRoles[R]> {
  const child = fork(CHILD_FILE, [JSON.stringify({ role, options })], { execArgv: [] });
  const call = (method: string, ...args: readonly unknown[]): Promise<unknown> =>
    ask(child, role, { method, args });
  const close = async (): Promise<void> => {
    await call('release');
    const ended = new Promise((done) => child.once('exit', done));
    child.disconnect();
    await ended;
  };
  return new Proxy({} as Remote<ChildRoles[R]>, {
    // A proxy that had a `then` would be taken for a promise.
    get: (_target, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      return name === 'close' ? close : (...args: readonly unknown[]) => call(name, ...args);
    },
  });
}

/** One request and its answer; there is never more than one under way per process. */
function ask(child: ChildProcess, role: ChildRole, request: ChildRequest): Promise<unknown> {
  return new Promise((fulfil, reject) => {
    const onExit = (code: number | null): void => {
      child.off('message', onAnswer);
      reject(new Error(`the process of ${role} ended with code ${code} in ${request.method}`));
    };
    const onAnswer = (answer: ChildAnswer): void => {
      child.off('exit', onExit);
      if ('error' in answer) reject(new Error(`${role}, ${request.method}: ${answer.error}`));
      else fulfil(answer.value);
    };
    child.once('exit', onExit);
    child.once('message', onAnswer);
    child.send(request);
  });
}
