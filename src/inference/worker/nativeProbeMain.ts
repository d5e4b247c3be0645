/**
 * A short-lived process that loads the native library and runs a graph of one operator. Where the library does not
 * fit the machine (an old glibc, a missing CPU feature) this process dies instead of the extension host.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeOnnxModel } from '../graph/onnxModel';

/** What the probe prints when all went well. */
const PROBE_OK = 'native library works';

async function probe(): Promise<void> {
  const value = (name: string) => ({ name, type: 'float32', shape: [1] }) as const;
  const model = encodeOnnxModel({
    name: 'probe',
    nodes: [{ operator: 'Neg', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [value('x')],
    outputs: [value('y')],
  });
  const session = await InferenceSession.create(model, { executionProviders: ['cpu'], intraOpNumThreads: 1 });
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(3), [1]) });
  await session.release();
  if (y?.data[0] !== -3) throw new Error(`the native library computed ${String(y?.data[0])} instead of -3`);
  console.log(PROBE_OK);
}

void probe().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
