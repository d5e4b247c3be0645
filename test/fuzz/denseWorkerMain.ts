/** A thread that reads one file within the bounds it was given. */
import { parentPort, workerData } from 'node:worker_threads';
import { EngineError } from '../../src/inference/errors';
import { memorySource } from '../unit/gguf/ggufBuilder';
import { readAsEngine } from './checkCase';
import type { DenseAnswer } from './denseRun';

async function main(bytes: Uint8Array): Promise<void> {
  const before = process.memoryUsage().arrayBuffers;
  let outcome = 'accepted';
  try {
    await readAsEngine(memorySource(bytes), bytes.length);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    outcome = error.code;
  }
  const answer: DenseAnswer = { outcome, bufferBytes: process.memoryUsage().arrayBuffers - before };
  parentPort?.postMessage(answer);
}

void main(workerData as Uint8Array);
