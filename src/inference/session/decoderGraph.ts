/**
 * The converted graph in ONNX Runtime. Only this file and `packModel.ts` know `onnxruntime-node`: what they rely on
 * (inputs are not copied, outputs are fresh arrays, `run` blocks the thread's event loop) belongs to the pinned version.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError, tellsOfMemoryShortage } from '../errors';
import { refuseTelemetry } from '../nativeTelemetry';
import type { EmbeddingTable } from './embeddingTable';
import type { KvCache } from './kvCache';

/** Logits of the wanted rows, in the order asked for. */
export interface GraphOutput {
  /** f32[rows, k], falling. */
  readonly topLogits: Float32Array;
  /** Token ids i64[rows, k]. */
  readonly topIds: BigInt64Array;
  readonly k: number;
  /** f32[rows, V], only where asked for. */
  readonly logits?: Float32Array;
}

export interface RunRequest {
  /** S new tokens, behind what the cache holds. */
  readonly ids: readonly number[];
  /** Indices into `ids` whose logits are wanted; at least one, since the native matmul divides by their number. */
  readonly rows: readonly number[];
  /** Copy the full logits out: V numbers for each row. */
  readonly fullLogits?: boolean;
  /** Of the new tokens, for the rotary embedding. Default: behind the cache, one after the other. */
  readonly positions?: readonly number[];
  /** Tokens [from, to) of the cache that the first `rows` new tokens do not see. */
  readonly hidden?: { readonly from: number; readonly to: number; readonly rows: number };
}

/** What is added to a score makes its share of the attention 0. */
const UNSEEN = -1e30;

export class DecoderGraph {
  private constructor(
    private readonly session: InferenceSession,
    private readonly layers: number,
    private readonly embeddings: EmbeddingTable,
    private readonly isProfiled: boolean,
  ) {}

  /** Zeros, as many as a run has needed so far. */
  #noBias = new Float32Array(0);

  /**
   * Loads a converted graph.
   * @param embeddings of the same model, rotated as the graph expects it; closed by `release`, or when loading fails
   * @param threads intra-op threads
   * @param profilePrefix beginning of the path of a file that tells the time of each operator, written by `release`
   * @throws EngineError `native-failure`, `out-of-memory`
   */
  static async load(
    modelFile: string,
    layers: number,
    embeddings: EmbeddingTable,
    threads: number,
    profilePrefix?: string,
  ): Promise<DecoderGraph> {
    // In the main thread of a command or a test; whoever starts a thread has done it there.
    refuseTelemetry();
    const isProfiled = profilePrefix !== undefined;
    try {
      const session = await InferenceSession.create(modelFile, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(isProfiled && { enableProfiling: true, profileFilePrefix: profilePrefix }),
      });
      return new DecoderGraph(session, layers, embeddings, isProfiled);
    } catch (error) {
      embeddings.close();
      throw nativeError(error, 'The model could not be loaded');
    }
  }

  /**
   * Evaluates new tokens and appends them to the cache.
   * @throws EngineError `native-failure`, `out-of-memory`, or as `EmbeddingTable.lookUp`; the cache is then as before
   */
  async run(request: RunRequest, cache: KvCache): Promise<GraphOutput> {
    if (request.ids.length === 0 || request.rows.length === 0)
      throw new RangeError('a run needs tokens and rows');
    const start = cache.length;
    const end = start + request.ids.length;
    cache.reserve(end);
    const { feeds, fetches } = this.#bind(request, cache, start, end);
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run(feeds, fetches);
    } catch (error) {
      throw nativeError(error, 'The model could not be run');
    }
    const floats = (name: string): Float32Array => outputs[name]?.data as Float32Array;
    cache.append(request.ids, (layer) => ({
      keys: floats(`new.${layer}.k`),
      values: floats(`new.${layer}.v`),
    }));
    return {
      topLogits: floats('top_logits'),
      topIds: outputs['top_ids']?.data as unknown as BigInt64Array,
      k: outputs['top_ids']?.dims.at(-1) ?? 0,
      ...(request.fullLogits === true && { logits: floats('logits') }),
    };
  }

  /** Frees the native session; must not be called while a run is under way. */
  async release(): Promise<void> {
    if (this.isProfiled) this.session.endProfiling();
    await this.session.release();
    this.embeddings.close();
  }

  #bind(request: RunRequest, cache: KvCache, start: number, end: number) {
    const { ids, rows, fullLogits, positions = range(start, end) } = request;
    const { kvHeads, headDim } = cache.shape;
    const embedded = this.embeddings.lookUp(ids);
    const feeds: Record<string, Tensor> = {
      embedded: new Tensor('float32', embedded, [1, ids.length, embedded.length / ids.length]),
      seqlens_k: new Tensor('int32', Int32Array.of(end - 1), [1]),
      total_seq_len: new Tensor('int32', Int32Array.of(end), [1]),
      positions: int64(positions, [1, ids.length]),
      attention_bias: new Tensor('float32', this.#bias(request, end), [1, 1, ids.length, end]),
      logits_idx: int64(rows, [rows.length]),
      new_start: int64([start], [1]),
      new_end: int64([end], [1]),
    };
    const fetches = ['top_logits', 'top_ids', ...(fullLogits === true ? ['logits'] : [])];
    const dims = [1, kvHeads, cache.capacity, headDim];
    for (let layer = 0; layer < this.layers; layer++) {
      feeds[`past.${layer}.k`] = new Tensor('float32', cache.keys(layer), dims);
      feeds[`past.${layer}.v`] = new Tensor('float32', cache.values(layer), dims);
      fetches.push(`new.${layer}.k`, `new.${layer}.v`);
    }
    return { feeds, fetches };
  }

  /** f32[S, T]. */
  #bias({ ids, hidden }: RunRequest, total: number): Float32Array {
    const size = ids.length * total;
    if (hidden !== undefined) {
      const bias = new Float32Array(size);
      for (let row = 0; row < hidden.rows; row++) {
        bias.fill(UNSEEN, row * total + hidden.from, row * total + hidden.to);
      }
      return bias;
    }
    if (this.#noBias.length < size) this.#noBias = new Float32Array(size);
    return this.#noBias.subarray(0, size);
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const int64 = (values: readonly number[], dims: number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);

/** The runtime throws plain errors; only their text tells an exhausted memory from the rest. */
export function nativeError(error: unknown, what: string): EngineError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = tellsOfMemoryShortage(reason) ? 'out-of-memory' : 'native-failure';
  const hint = code === 'out-of-memory' ? ': there is not enough memory' : '';
  return new EngineError(code, `${what}${hint}.`, { reason }, { cause: error });
}
