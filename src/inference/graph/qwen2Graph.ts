/**
 * The qwen2 decoder as an ONNX Runtime graph. What the variants have in common is here; how their matrices are held
 * and multiplied is in `exactProjections.ts` and `int8Projections.ts`.
 *
 * Dims: S new tokens of this run, T tokens in the cache after it, C capacity of the KV cache, R rows whose logits are
 * wanted, H hidden size, NH heads, NKV KV heads, D head size, F feed-forward size, V vocabulary, K = `TOP_K`.
 *
 * inputs   embedded f32[1,S,H]         embeddings of the new tokens, rotated where the variant rotates the stream
 *          seqlens_k i32[1]            position of the last new token
 *          total_seq_len i32[1]        T
 *          positions i64[1,S]          of the new tokens, for the rotary embedding
 *          attention_bias f32[1,1,S,T] added to the scores of each new token (row) for each token in the cache: 0, or
 *                                      far below for what it must not see; what follows it in the cache it never sees
 *          logits_idx i64[R]           rows (0..S-1) whose logits are wanted
 *          new_start, new_end i64[1]   positions of the first new token and behind the last
 *          past.L.k, past.L.v f32[1,NKV,C,D]  keys (rotated by position) and values; rows from new_start on are
 *                                      ignored
 * outputs  top_logits f32[1,R,K], top_ids i64[1,R,K]   the K largest logits, falling
 *          logits f32[1,R,V]           all of them; copied out only where fetched
 *          new.L.k, new.L.v f32[1,NKV,S,D]    rows for the caller to write into its cache ("delta KV": fetching the
 *                                      whole `present` would copy the full capacity at every step)
 */
import type { Variant } from '../engine';
import type { ModelConfig } from '../gguf/modelConfig';
import { ExactProjections } from './exactProjections';
import { GraphBuilder } from './graphBuilder';
import { Int8Projections } from './int8Projections';
import { TOP_K } from './limits';
import type { OnnxModel, OnnxValue } from './onnxModel';
import type { Projections, Rows } from './projections';
import { rotaryTable } from './rotaryTable';
import type { WeightPlan } from './weightPlan';

/** Raised whenever a graph of an earlier version must not be used any more. */
export const GRAPH_VERSION = 4;

/** Positions that the rotary tables cover: what Qwen2.5-Coder was trained on without extrapolation. */
const MAX_POSITIONS = 32_768;

export interface PlannedGraph {
  readonly model: OnnxModel;
  readonly weights: WeightPlan;
  /** Tokens that the graph can address. */
  readonly maxPositions: number;
}

/** Whether a variant's residual stream is rotated, so that embeddings must be as well. */
export const rotatesStream = (variant: Variant): boolean => variant !== 'exact';

/**
 * Plans graph and weights of a qwen2 model. Nothing is read; numbers come from the configuration alone. A
 * configuration of fewer blocks or a smaller vocabulary than the file's gives the first of both.
 *
 * @param dataFile name of the external data file beside the model
 * @param lastRows what goes through the last block's feed-forward; `new` where it stands for any block of the model
 */
export function planQwen2Graph(
  config: ModelConfig,
  variant: Variant,
  dataFile: string,
  lastRows: Rows = 'wanted',
): PlannedGraph {
  const graph = new GraphBuilder(dataFile);
  return new Qwen2Graph(config, graph, projectionsOf(variant, config, graph), lastRows).plan();
}

function projectionsOf(variant: Variant, config: ModelConfig, graph: GraphBuilder): Projections {
  switch (variant) {
    case 'exact':
      return new ExactProjections(config, graph);
    case 'fast':
      return new Int8Projections(config, graph, 127);
    case 'fast7':
      return new Int8Projections(config, graph, 63);
  }
}

class Qwen2Graph {
  readonly #maxPositions: number;

  constructor(
    private readonly config: ModelConfig,
    private readonly graph: GraphBuilder,
    private readonly projections: Projections,
    private readonly lastRows: Rows,
  ) {
    this.#maxPositions = Math.min(config.contextLength, MAX_POSITIONS);
  }

  plan(): PlannedGraph {
    const { graph, config } = this;
    let stream: Stream = { residual: 'embedded', pending: undefined };
    const rotary = this.#rotaryTables();
    for (let block = 0; block < config.blockCount; block++) stream = this.#block(block, stream, rotary);
    const { normed } = this.#norm('final', 'output_norm.weight', stream);
    const logits = this.projections.head(this.lastRows === 'wanted' ? normed : this.#wanted(normed));
    graph.nodes.push({
      operator: 'TopK',
      domain: '',
      inputs: [logits, graph.int64('k', [Math.min(TOP_K, config.vocabSize)])],
      outputs: ['top_logits', 'top_ids'],
      attributes: { axis: { int: -1 } },
    });
    const weights = graph.weights.plan();
    const model = {
      name: 'qwen2',
      nodes: graph.nodes,
      initializers: weights.initializers,
      inputs: this.#inputs(),
      outputs: this.#outputs(),
    };
    return { model, weights, maxPositions: this.#maxPositions };
  }

  #rotaryTables(): { cos: string; sin: string } {
    const { headDim, ropeTheta } = this.config;
    const table = (name: 'cos' | 'sin') =>
      this.graph.weights.computed(name, 'float32', [this.#maxPositions, headDim / 2], () =>
        rotaryTable(name, this.#maxPositions, headDim, ropeTheta),
      );
    return { cos: table('cos'), sin: table('sin') };
  }

  #block(index: number, stream: Stream, rotary: { cos: string; sin: string }): Stream {
    const { headCount, kvHeadCount, headDim } = this.config;
    const source = `blk.${index}`;
    const at = (name: string) => `b${index}.${name}`;
    const attention = this.#norm(at('attn'), `${source}.attn_norm.weight`, stream);
    const qkv = this.projections.queryKeyValue(index, attention.normed);
    const past = (letter: 'k' | 'v') => `past.${index}.${letter}`;
    this.graph.microsoft(
      'GroupQueryAttention',
      [
        ...[qkv, '', '', past('k'), past('v'), 'seqlens_k', 'total_seq_len', rotary.cos, rotary.sin],
        ...['positions', 'attention_bias'],
      ],
      [at('attended'), at('present.k'), at('present.v')],
      {
        num_heads: { int: headCount },
        kv_num_heads: { int: kvHeadCount },
        scale: { float: headDim ** -0.5 },
        do_rotary: { int: 1 },
        // llama.cpp leaves qwen2's q and k unpermuted: rotary pairs are half a head apart, not neighbours.
        rotary_interleaved: { int: 0 },
      },
    );
    const axis2 = this.graph.int64('axis2', [2]);
    for (const letter of ['k', 'v'] as const) {
      this.graph.node(
        'Slice',
        [at(`present.${letter}`), 'new_start', 'new_end', axis2],
        `new.${index}.${letter}`,
      );
    }
    // Behind the last keys and values nothing is left to do for rows whose logits nobody wants.
    const rows = index === this.config.blockCount - 1 ? this.lastRows : 'new';
    const ofRows = (x: string): string => (rows === 'new' ? x : this.#wanted(x));
    const feedForward = this.#norm(at('ffn'), `${source}.ffn_norm.weight`, {
      residual: ofRows(attention.residual),
      pending: this.projections.attentionOutput(index, ofRows(at('attended')), rows),
    });
    return {
      residual: feedForward.residual,
      pending: this.projections.feedForward(index, feedForward.normed, rows),
    };
  }

  /** [1,S,n] to [1,R,n]. */
  #wanted(x: string): string {
    return this.graph.node('Gather', [x, 'logits_idx'], `${x}.wanted`, { axis: { int: 1 } });
  }

  /** RMSNorm of the residual stream, into which what the last sub-layer wrote is added in the same operator. */
  #norm(name: string, source: string, stream: Stream): { normed: string; residual: string } {
    const gain = this.projections.gain(`${name}.gain`, source);
    const epsilon = { float: this.config.rmsEpsilon };
    const normed = `${name}.normed`;
    if (stream.pending === undefined) {
      this.graph.node('SimplifiedLayerNormalization', [stream.residual, gain], normed, {
        axis: { int: -1 },
        epsilon,
        stash_type: { int: 1 },
      });
      return { normed, residual: stream.residual };
    }
    const residual = `${name}.residual`;
    this.graph.microsoft(
      'SkipSimplifiedLayerNormalization',
      [stream.residual, stream.pending, gain],
      [normed, '', '', residual],
      { epsilon },
    );
    return { normed, residual };
  }

  #inputs(): OnnxValue[] {
    const { hiddenSize, kvHeadCount, headDim } = this.config;
    return [
      { name: 'embedded', type: 'float32', shape: [1, 'S', hiddenSize] },
      { name: 'seqlens_k', type: 'int32', shape: [1] },
      { name: 'total_seq_len', type: 'int32', shape: [1] },
      { name: 'positions', type: 'int64', shape: [1, 'S'] },
      { name: 'attention_bias', type: 'float32', shape: [1, 1, 'S', 'T'] },
      { name: 'logits_idx', type: 'int64', shape: ['R'] },
      { name: 'new_start', type: 'int64', shape: [1] },
      { name: 'new_end', type: 'int64', shape: [1] },
      ...this.#perLayer('past', [1, kvHeadCount, 'C', headDim]),
    ];
  }

  #outputs(): OnnxValue[] {
    const { kvHeadCount, headDim, vocabSize } = this.config;
    const k = Math.min(TOP_K, vocabSize);
    return [
      { name: 'top_logits', type: 'float32', shape: [1, 'R', k] },
      { name: 'top_ids', type: 'int64', shape: [1, 'R', k] },
      { name: 'logits', type: 'float32', shape: [1, 'R', vocabSize] },
      ...this.#perLayer('new', [1, kvHeadCount, 'S', headDim]),
    ];
  }

  #perLayer(kind: 'past' | 'new', shape: readonly (number | string)[]): OnnxValue[] {
    return Array.from({ length: this.config.blockCount }, (_, layer) =>
      (['k', 'v'] as const).map((letter): OnnxValue => {
        return { name: `${kind}.${layer}.${letter}`, type: 'float32', shape };
      }),
    ).flat();
  }
}

/** The residual stream f32[1,S,H] and what is still to be added to it. */
interface Stream {
  readonly residual: string;
  readonly pending: string | undefined;
}
