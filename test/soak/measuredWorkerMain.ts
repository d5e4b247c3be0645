/** The engine's worker as it is; beside it, a port that collects garbage and tells what memory the thread has. */
import { workerData } from 'node:worker_threads';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { collectGarbage } from './collectGarbage';
import type { MeasuredOrder, ThreadMemory } from './measuredThread';

const { port, leak } = workerData as MeasuredOrder;

port.on('message', () => {
  void collectGarbage().then(() => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    port.postMessage({ heapUsed, arrayBuffers } satisfies ThreadMemory);
  });
});
// The thread ends when the engine's own port is closed.
port.unref();

if (leak) leakOutputs();
void import('../../src/inference/worker/workerMain');

/** Keeps what every run returns, as a forgotten list would. */
function leakOutputs(): void {
  const kept: unknown[] = [];
  const create = InferenceSession.create.bind(InferenceSession) as (
    file: string,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  InferenceSession.create = (async (file: string, options: InferenceSession.SessionOptions) => {
    const session = await create(file, options);
    const run = session.run.bind(session) as (
      feeds: Record<string, Tensor>,
      fetches: string[],
    ) => Promise<unknown>;
    session.run = (async (feeds: Record<string, Tensor>, fetches: string[]) => {
      const outputs = await run(feeds, fetches);
      kept.push(outputs);
      return outputs;
    }) as InferenceSession['run'];
    return session;
  }) as typeof InferenceSession.create;
}
