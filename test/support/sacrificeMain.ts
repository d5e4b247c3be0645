/**
 * A process that may die: the engine's client with the real worker, and a fault in it. Says on standard output how far
 * it has come, one JSON object a line. Argument: `SacrificeOrder` as JSON.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../src/inference/errors';
import { WorkerEngine } from '../../src/inference/worker/workerEngine';
import { startFaultyThread } from './faultyThread';
import type { SacrificeOrder, SacrificeSays } from './sacrifice';

/** Well within a prompt of some seconds. */
const TERMINATED_AFTER_MS = 300;

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
    // The thread is then in the middle of a chunk: it tells of the end of each one.
    if (end === 'terminate-in-run') setTimeout(() => void started.end(), TERMINATED_AFTER_MS);
    let text = '';
    for await (const event of engine.generate(request)) {
      if (event.type === 'text') text += event.text;
      if (end === 'fill-heap' && event.type === 'text') fillHeap();
    }
    say({ did: 'generated', text, addressSpaceKib: addressSpace() });
  } catch (error) {
    const { code, message, detail = {} } = EngineError.from(error);
    say({ did: 'failed', code, message, detail });
  }
  if (end === 'wait') await sleep(2 ** 30);
  if (end === 'exit') process.exit(0);
  await engine.dispose();
  say({ did: 'closed' });
}

function fillHeap(): never {
  for (const kept: unknown[] = []; ;) kept.push(new Array(1000).fill(kept.length));
}

/** The most that this process has had mapped so far, in KiB; 0 where the system does not tell. */
function addressSpace(): number {
  try {
    return Number(/^VmPeak:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

void main(JSON.parse(process.argv[2] ?? '') as SacrificeOrder);
