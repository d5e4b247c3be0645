/**
 * The engine's worker as it is, with one fault in it: everything up to the call of the native library is the
 * product's own code.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { workerData } from 'node:worker_threads';
import { FAULT_STATE, type Fault, type FaultOrder } from './faults';

type Run = (feeds: Record<string, Tensor>, fetches: string[]) => Promise<InferenceSession.OnnxValueMapType>;

function injectFault({ fault, state }: FaultOrder): void {
  const cells = new Int32Array(state);
  const create = InferenceSession.create.bind(InferenceSession) as (
    file: string,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  InferenceSession.create = (async (file: string, options: InferenceSession.SessionOptions) => {
    const session = await create(file, options);
    const run = session.run.bind(session) as Run;
    session.run = (async (feeds: Record<string, Tensor>, fetches: string[]) => {
      const runs = Atomics.add(cells, FAULT_STATE.runs, 1) + 1;
      if (fault?.run === runs) await suffer(fault, cells, () => run(withoutRows(feeds), fetches));
      return run(feeds, fetches);
    }) as InferenceSession['run'];
    if (fault?.run === 0) await suffer(fault, cells, () => run(emptyRun(session), [...session.outputNames]));
    return session;
  }) as typeof InferenceSession.create;
}

async function suffer({ kind }: Fault, cells: Int32Array, fatalRun: () => Promise<unknown>): Promise<void> {
  Atomics.store(cells, FAULT_STATE.reached, 1);
  switch (kind) {
    case 'reject':
      throw new Error('injected failure of a run');
    case 'throw':
      setImmediate(() => {
        throw new Error('injected failure of the thread');
      });
      return never();
    case 'exit':
      process.exit(3);
      return;
    case 'lost':
      return never();
    case 'block':
      Atomics.wait(cells, FAULT_STATE.resume, 0);
      return;
    case 'abort':
      await fatalRun().catch(() => undefined);
      // Only x86 traps a division by zero; elsewhere the process has to be ended.
      process.kill(process.pid, 'SIGKILL');
      return never();
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

/** The native matmul divides by the number of rows. */
const withoutRows = (feeds: Record<string, Tensor>): Record<string, Tensor> => ({
  ...feeds,
  logits_idx: new Tensor('int64', new BigInt64Array(0), [0]),
});

/** Inputs of the graph for one token and an empty cache, by its own description of them. */
function emptyRun(session: InferenceSession): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const dims = input.shape.map((size) => (typeof size === 'number' ? size : 1));
    const count = dims.reduce((product, size) => product * size, 1);
    if (input.type === 'int64') feeds[input.name] = new Tensor('int64', new BigInt64Array(count), dims);
    else if (input.type === 'int32')
      feeds[input.name] = new Tensor(
        'int32',
        Int32Array.from({ length: count }, () => (input.name === 'total_seq_len' ? 1 : 0)),
        dims,
      );
    else feeds[input.name] = new Tensor('float32', new Float32Array(count), dims);
  }
  return withoutRows({ ...feeds, new_end: new Tensor('int64', BigInt64Array.of(1n), [1]) });
}

injectFault(workerData as FaultOrder);
// Only now: what it imports takes the library as it is then.
void import('../../src/inference/worker/workerMain');
