/** Programs of the tests' own, bundled beside them and run in processes that may be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestProcess {
  readonly process: ChildProcess;
  /** Resolves when it has written this line; rejects when it ends before. */
  readonly line: (expected: string) => Promise<void>;
  /** Resolves at its end, with everything it has written. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

/**
 * @param source path of the program below `test/`, without ending
 * @param env its environment; that of this process when absent
 */
export function startTestProcess(
  source: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): TestProcess {
  const child = spawn(process.execPath, [resolve('out/test', `${source}.js`), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(([[code, signal]]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    output: lines.join('\n'),
  }));
  const line = async (expected: string): Promise<void> => {
    while (!lines.includes(expected)) {
      const over = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)]);
      if (over && !lines.includes(expected)) throw new Error(`${source} ended without "${expected}"`);
    }
  };
  return { process: child, line, ended };
}
