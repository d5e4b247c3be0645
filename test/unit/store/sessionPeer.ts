/**
 * A second window, as a process: holds a session in the folder that it is given, says so, and does with questions
 * what it is told: `release`, `decline` or `ignore`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionRegistry } from '../../../src/inference/store/sessionRegistry';

const LOOK_MS = 20;

async function main(dir: string, lastUsed: number, behaviour: string): Promise<void> {
  const registry = new SessionRegistry({ dir });
  await registry.hold({ model: `model of ${process.pid}`, bytes: 1e9, lastUsed, busy: false });
  process.send?.('holding');
  // Whoever started this ends it; without a listener the channel would not keep it from ending.
  process.on('disconnect', () => process.exit());
  while (behaviour !== 'ignore') {
    await sleep(LOOK_MS);
    if (!(await registry.isAsked())) continue;
    if (behaviour === 'release') await registry.letGo();
    else await registry.decline();
  }
}

if (require.main === module) {
  const [, , dir = '', lastUsed, behaviour = ''] = process.argv;
  void main(dir, Number(lastUsed), behaviour);
}
