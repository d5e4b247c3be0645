/**
 * A process that may die: the engine's client with the real worker, and a fault in it. Says on standard output how far
 * it has come, one JSON object a line. Argument: `SacrificeOrder` as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../src/inference/errors';
import { WorkerEngine } from '../../src/inference/worker/workerEngine';
import { startFaultyThread } from './faultyThread';
import type { SacrificeOrder, SacrificeSays } from './sacrifice';

const say = (message: SacrificeSays): void => console.log(JSON.stringify(message));

async function main({ load, request, fault, end }: SacrificeOrder): Promise<void> {
  const started = startFaultyThread(fault);
  const engine = new WorkerEngine(
    load,
    () => Promise.resolve(),
    () => started.thread,
  );
  try {
    say({ did: 'loaded', model: await engine.start() });
    let text = '';
    for await (const event of engine.generate(request)) {
      if (event.type === 'text') text += event.text;
      if (end === 'terminate-in-run') void started.end();
    }
    say({ did: 'generated', text });
  } catch (error) {
    const { code, message } = EngineError.from(error);
    say({ did: 'failed', code, message });
  }
  if (end === 'wait') await sleep(2 ** 30);
  if (end === 'exit') process.exit(0);
  await engine.dispose();
  say({ did: 'closed' });
}

void main(JSON.parse(process.argv[2] ?? '') as SacrificeOrder);
