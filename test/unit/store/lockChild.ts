/**
 * A process that uses a lock. usage: lockChild hold PATH | lockChild count PATH TIMES
 *   hold   takes the lock, says `held` and keeps it until it is killed
 *   count  adds one to the number in the file PATH, as often as told, each time under the lock
 */
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../../src/inference/store/interProcessLock';

const [, , role, path, times] = process.argv;
if (path === undefined) throw new Error('usage: lockChild hold|count PATH [TIMES]');

if (role === 'hold') {
  void withLock(path, { staleMs: 2000 }, async () => {
    console.log('held');
    await sleep(120_000);
  });
} else {
  void count(path, Number(times));
}

async function count(file: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await withLock(file, {}, async () => {
      const number = Number(await readFile(file, 'utf8'));
      await sleep(2);
      await writeFile(file, String(number + 1));
    });
  }
}
