import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { engineThread, type EngineThread } from '../../src/inference/worker/engineThread';
import { FAULT_STATE, type Fault, type FaultOrder } from './faults';

const FAULTY_WORKER = resolve('out/test/support/faultyWorkerMain.js');

/** A thread with a fault in it, as its test sees it. */
export interface FaultyThread {
  readonly thread: EngineThread;
  /** Native runs begun so far. */
  runs(): number;
  /** Resolves when the fault has happened. */
  reached(): Promise<void>;
  /** Lets a blocked thread go on. */
  resume(): void;
  /** Ends the thread wherever it is; only for one that is not inside a native run. */
  end(): Promise<unknown>;
}

/** Starts the engine's worker with a fault in it; without one it only counts. */
export function startFaultyThread(fault?: Fault): FaultyThread {
  const state = new SharedArrayBuffer(FAULT_STATE.bytes);
  const cells = new Int32Array(state);
  const worker = new Worker(FAULTY_WORKER, {
    workerData: { fault, state } satisfies FaultOrder,
    execArgv: [],
  });
  return {
    thread: engineThread(worker),
    runs: () => Atomics.load(cells, FAULT_STATE.runs),
    reached: async () => {
      while (Atomics.load(cells, FAULT_STATE.reached) === 0) await new Promise((next) => setTimeout(next, 2));
    },
    resume: () => {
      Atomics.store(cells, FAULT_STATE.resume, 1);
      Atomics.notify(cells, FAULT_STATE.resume);
    },
    end: () => worker.terminate(),
  };
}
