import { Worker } from 'node:worker_threads';
import type { FromServer, ToServer } from '../protocol';
import type { Transport } from './transport';

/** A running server and its end. */
export interface EngineThread {
  readonly transport: Transport<ToServer, FromServer>;
  /** Settles when the thread has ended, with what ended it if that was an error. Never rejects. */
  readonly ended: Promise<ThreadEnd>;
  /** Lets the process end although this thread goes on; for a thread that is stuck. */
  disown(): void;
}

export interface ThreadEnd {
  readonly error?: Error;
  readonly exitCode?: number;
}

/**
 * Starts the engine in a worker thread. There is no way to kill it from here on purpose: `Worker.terminate` inside a
 * native run aborts the process.
 */
export function startWorkerThread(workerFile: string): EngineThread {
  // Flags of the host (an inspector port, say) are not for the worker.
  return engineThread(new Worker(workerFile, { name: 'qwen-coder-engine', execArgv: [] }));
}

/** A worker as the thread of an engine. */
export function engineThread(worker: Worker): EngineThread {
  const ended = new Promise<ThreadEnd>((resolve) => {
    let error: Error | undefined;
    worker.once('error', (thrown: Error) => (error = thrown));
    // Comes after an error too, and after every message that the thread had sent: those answers still count.
    worker.once('exit', (exitCode) => resolve(error === undefined ? { exitCode } : { exitCode, error }));
  });
  return {
    ended,
    disown: () => worker.unref(),
    transport: {
      post: (message) => worker.postMessage(message),
      onMessage: (listener) => worker.on('message', (message: FromServer) => listener(message)),
    },
  };
}
