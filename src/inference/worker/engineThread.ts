import { Worker } from 'node:worker_threads';
import type { FromServer, ToServer } from '../protocol';
import type { Transport } from './transport';

/** A running server and its end. */
export interface EngineThread {
  readonly transport: Transport<ToServer, FromServer>;
  /** Settles when the thread has ended, with what ended it if that was an error. Never rejects. */
  readonly ended: Promise<ThreadEnd>;
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
  const worker = new Worker(workerFile, { name: 'qwen-coder-engine', execArgv: [] });
  const ended = new Promise<ThreadEnd>((resolve) => {
    worker.once('error', (error: Error) => resolve({ error }));
    worker.once('exit', (exitCode) => resolve({ exitCode }));
  });
  return {
    ended,
    transport: {
      post: (message) => worker.postMessage(message),
      onMessage: (listener) => worker.on('message', (message: FromServer) => listener(message)),
    },
  };
}
