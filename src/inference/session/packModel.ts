/**
 * A converted model, written once more by the runtime, beside its matrices in the runtime's own layout. Loaded from there,
 * they are mapped from the file in place of being laid out anew in memory of the process: a process holds little of its
 * own, several share what they map, and loading takes less than half the time.
 *
 * The layout is that of this processor and this version of the runtime. Elsewhere the runtime sees by a hash that it is
 * not its own, and makes one of the matrices themselves, which are in the file for that, as it does without all this.
 */
import { basename } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../errors';
import { refuseTelemetry } from '../nativeTelemetry';
import { nativeError } from './decoderGraph';

/** Tokens of the run that is held against the same run before, and capacity of its KV cache. */
const CHECKED_TOKENS = 4;
const CHECKED_CAPACITY = 64;

/**
 * Packs the matrices of an int8 variant. What comes out computes the same to the last bit, or this fails; block-wise
 * 8-bit matrices do not come out right in this version of the runtime.
 *
 * @param packedFile path of the model, in an existing folder
 * @param packedData path of its data, beside it
 * @throws EngineError `native-failure`, `out-of-memory`
 */
export async function packModel(modelFile: string, packedFile: string, packedData: string): Promise<void> {
  refuseTelemetry();
  try {
    const expected = await logitsOf(modelFile, {
      // Everything beyond is done again where the packed file is loaded.
      graphOptimizationLevel: 'extended',
      optimizedModelFilePath: packedFile,
      extra: {
        session: {
          save_external_prepacked_constant_initializers: '1',
          optimized_model_external_initializers_file_name: basename(packedData),
          // Smaller ones stay in the model: shape inference refuses external ones.
          optimized_model_external_initializers_min_size_in_bytes: '1024',
        },
      },
    });
    const packed = await logitsOf(packedFile, { graphOptimizationLevel: 'all' });
    if (!expected.every((logit, index) => Object.is(logit, packed[index])))
      throw new EngineError('native-failure', 'The packed model computes something else.');
  } catch (error) {
    throw error instanceof EngineError ? error : nativeError(error, 'The model could not be packed');
  }
}

/** Logits of a fixed run. */
async function logitsOf(modelFile: string, options: InferenceSession.SessionOptions): Promise<Float32Array> {
  const session = await InferenceSession.create(modelFile, {
    ...{ executionProviders: ['cpu'], intraOpNumThreads: 1, logSeverityLevel: 3 },
    ...options,
  });
  try {
    const { logits } = await session.run(feedsOf(session), ['logits']);
    return logits?.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** Some numbers for every input, as `qwen2Graph.ts` lists them. */
function feedsOf(session: InferenceSession): Record<string, Tensor> {
  const sizes: Readonly<Record<string, number>> = {
    ...{ S: CHECKED_TOKENS, T: CHECKED_TOKENS, C: CHECKED_CAPACITY, R: 1 },
  };
  const last = CHECKED_TOKENS - 1;
  const integers: Readonly<Record<string, readonly number[]>> = {
    ...{ seqlens_k: [last], total_seq_len: [CHECKED_TOKENS], logits_idx: [last] },
    ...{ new_start: [0], new_end: [CHECKED_TOKENS], positions: [...Array(CHECKED_TOKENS).keys()] },
  };
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const dims = input.shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 1)));
    const count = dims.reduce((product, size) => product * size, 1);
    const values = integers[input.name];
    if (input.type === 'int64') {
      feeds[input.name] = new Tensor('int64', BigInt64Array.from(values ?? [], BigInt), dims);
    } else if (input.type === 'int32') {
      feeds[input.name] = new Tensor('int32', Int32Array.from(values ?? []), dims);
    } else {
      const wave = input.name === 'embedded' ? 1 : 0;
      const floats = Float32Array.from({ length: count }, (_, index) => wave * Math.sin(index));
      feeds[input.name] = new Tensor('float32', floats, dims);
    }
  }
  return feeds;
}
