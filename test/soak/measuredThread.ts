import { resolve } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { engineThread, type EngineThread } from '../../src/inference/worker/engineThread';
import { collectGarbage } from './collectGarbage';

const WORKER_FILE = resolve('out/test/soak/measuredWorkerMain.js');

/** What the thread is given as `workerData`. */
export interface MeasuredOrder {
  readonly port: MessagePort;
  /** Keep every run's outputs, to see whether that is noticed. */
  readonly leak: boolean;
}

/** Memory of one thread after its garbage has been collected, in bytes. */
export interface ThreadMemory {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
}

/** Memory of the process, in bytes. */
export interface MemorySample {
  /** Resident, native memory included. */
  readonly rss: number;
  /** Of the client's thread. */
  readonly client: ThreadMemory;
  /** Of the engine's thread. */
  readonly server: ThreadMemory;
}

export interface MeasuredThread {
  readonly thread: EngineThread;
  /** Collects garbage in both threads and reads what is left; for when nothing is under way. */
  sample(): Promise<MemorySample>;
}

/** Starts the engine's worker so that its memory can be read. */
export function startMeasuredThread(options: { readonly leak?: boolean } = {}): MeasuredThread {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(WORKER_FILE, {
    workerData: { port: port2, leak: options.leak === true } satisfies MeasuredOrder,
    transferList: [port2],
    execArgv: [],
  });
  port1.unref();
  return {
    thread: engineThread(worker),
    sample: async () => {
      const server = await new Promise<ThreadMemory>((fulfil) => {
        port1.ref();
        port1.once('message', (memory: ThreadMemory) => {
          port1.unref();
          fulfil(memory);
        });
        port1.postMessage('collect');
      });
      await collectGarbage();
      const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
      return { rss, client: { heapUsed, arrayBuffers }, server };
    },
  };
}
