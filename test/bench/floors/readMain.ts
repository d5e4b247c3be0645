/** Reads memory as fast as a thread can, once it is told to. Says when it is ready, then the fastest round in milliseconds. */
import { parentPort, workerData } from 'node:worker_threads';

export interface ReadOrder {
  readonly bytes: number;
  readonly rounds: number;
  /** i32: 1 to begin. */
  readonly start: SharedArrayBuffer;
}

function read({ bytes, rounds, start }: ReadOrder): void {
  // Comparing two equal halves reads every byte once, in the C library's fastest way.
  const half = Math.floor(bytes / 2);
  const [one, other] = [Buffer.alloc(half, 1), Buffer.alloc(half, 1)];
  parentPort?.postMessage('ready');
  Atomics.wait(new Int32Array(start), 0, 0);
  let fastest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    if (!one.equals(other)) throw new Error('memory that changes by itself');
    fastest = Math.min(fastest, performance.now() - from);
  }
  parentPort?.postMessage(fastest);
}

read(workerData as ReadOrder);
