import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Array buffers are freed beside the thread, some time after a collection has found them dead, in milliseconds. */
const SWEEP_MS = 20;

/** Collects this thread's garbage until what it held is free. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    await sleep(SWEEP_MS);
  }
}
