/**
 * Reads dense files in threads whose heap is bounded: a file that needs more memory at a time than it may ends its
 * thread. What has become garbage does not count here, as it does in `checkCase`: with megabytes of small objects the
 * collector comes between.
 */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MEMORY_CONSTANT, MEMORY_FACTOR } from './checkCase';
import { DENSE_FILES } from './dense';

export interface DenseResult {
  readonly name: string;
  readonly bytes: number;
  readonly outcome: string;
  /** Of array buffers, which lie outside the heap. */
  readonly bufferBytes: number;
}

/** What a thread answers. */
export type DenseAnswer = Pick<DenseResult, 'outcome' | 'bufferBytes'>;

const WORKER_FILE = resolve('out/test/fuzz/denseWorkerMain.js');
const MEBIBYTE = 1024 * 1024;

/**
 * One file.
 * @param workerFile reads the bytes that are its `workerData` and answers
 * @throws Error where the memory did not suffice, or something else than a typed error came
 */
export async function readBounded(bytes: Uint8Array, workerFile = WORKER_FILE): Promise<DenseAnswer> {
  const limit = MEMORY_FACTOR * bytes.length + MEMORY_CONSTANT;
  // Shared, so that the thread holds no second copy.
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const worker = new Worker(workerFile, {
    workerData: shared,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(limit / MEBIBYTE), maxYoungGenerationSizeMb: 4 },
  });
  const answer = await new Promise<DenseAnswer>((fulfil, reject) => {
    worker.once('message', fulfil);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended without an answer')));
  });
  await worker.terminate();
  if (answer.bufferBytes > limit) throw new Error(`${answer.bufferBytes} bytes in array buffers`);
  return answer;
}

/** All of them, one after the other. @throws Error as `readBounded`, with the file's name */
export async function denseRun(): Promise<DenseResult[]> {
  const results: DenseResult[] = [];
  for (const [name, make] of Object.entries(DENSE_FILES)) {
    const bytes = make();
    const answer = await readBounded(bytes).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    });
    results.push({ name, bytes: bytes.length, ...answer });
  }
  return results;
}
