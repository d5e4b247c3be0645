/**
 * The qwen2 decoder as an ONNX Runtime graph, in the *exact* variant: weights in 8-bit blocks, activations in f32
 * between the operators.
 *
 * Dims: S new tokens of this run, C capacity of the KV cache, R rows whose logits are wanted, H hidden size,
 * NH heads, NKV KV heads, D head size, F feed-forward size, V vocabulary, K = `TOP_K`.
 *
 * inputs   input_ids i64[1,S]          ids of the new tokens
 *          seqlens_k i32[1]            position of the last new token
 *          total_seq_len i32[1]        tokens in the cache after this run
 *          logits_idx i64[R]           rows (0..S-1) whose logits are wanted
 *          new_start, new_end i64[1]   positions of the first new token and behind the last
 *          past.L.k, past.L.v f32[1,NKV,C,D]  keys (rotated) and values; rows from new_start on are ignored
 * outputs  top_logits f32[1,R,K], top_ids i64[1,R,K]   the K largest logits, falling
 *          logits f32[1,R,V]           all of them; copied out only where fetched
 *          new.L.k, new.L.v f32[1,NKV,S,D]    rows for the caller to write into its cache ("delta KV": fetching the
 *                                      whole `present` would copy the full capacity at every step)
 */
import type { ModelConfig } from '../gguf/modelConfig';
import { TOP_K } from './limits';
import { MICROSOFT, type AttributeValue, type OnnxModel, type OnnxNode, type OnnxValue } from './onnxModel';
import { rotaryTable } from './rotaryTable';
import { QUANT_BLOCK, WeightPlanner, type WeightPlan } from './weightPlan';

/** Raised whenever a graph of an earlier version must not be used any more. */
export const GRAPH_VERSION = 1;

/** Positions that the rotary tables cover: what Qwen2.5-Coder was trained on without extrapolation. */
const MAX_POSITIONS = 32_768;

/** MatMulNBits may quantise activations to 8 bits inside its kernel: the accuracy that the exact variant measured. */
const ACCURACY_INT8 = 4;

export interface PlannedGraph {
  readonly model: OnnxModel;
  readonly weights: WeightPlan;
  /** Tokens that the graph can address. */
  readonly maxPositions: number;
}

/**
 * Plans graph and weights of a qwen2 model. Nothing is read; numbers come from the configuration alone.
 * @param dataFile name of the external data file beside the model
 */
export function planQwen2Graph(config: ModelConfig, dataFile: string): PlannedGraph {
  return new Qwen2Graph(config, dataFile).plan();
}

class Qwen2Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #weights: WeightPlanner;
  readonly #maxPositions: number;

  constructor(
    private readonly config: ModelConfig,
    dataFile: string,
  ) {
    this.#weights = new WeightPlanner(dataFile);
    this.#maxPositions = Math.min(config.contextLength, MAX_POSITIONS);
  }

  plan(): PlannedGraph {
    const { hiddenSize, vocabSize, blockCount } = this.config;
    const embedding = this.#weights.blocks8('embed', ['token_embd.weight'], vocabSize, hiddenSize);
    let stream: Stream = { residual: this.#embed(embedding.values, embedding.scales), pending: undefined };
    const rotary = this.#rotaryTables();
    const axis2 = this.#int64('axis2', [2]);
    for (let block = 0; block < blockCount; block++) stream = this.#block(block, stream, rotary, axis2);
    const normed = this.#norm('final', 'output_norm.weight', stream).normed;
    const rows = this.#node('Gather', [normed, 'logits_idx'], 'rows', { axis: { int: 1 } });
    const head = this.config.tiedEmbeddings
      ? embedding
      : this.#weights.blocks8('head', ['output.weight'], vocabSize, hiddenSize);
    this.#matmul('logits', rows, head, vocabSize, hiddenSize);
    this.#nodes.push({
      operator: 'TopK',
      domain: '',
      inputs: ['logits', this.#int64('k', [Math.min(TOP_K, vocabSize)])],
      outputs: ['top_logits', 'top_ids'],
      attributes: { axis: { int: -1 } },
    });
    const weights = this.#weights.plan();
    const model = {
      name: 'qwen2',
      nodes: this.#nodes,
      initializers: weights.initializers,
      inputs: this.#inputs(),
      outputs: this.#outputs(),
    };
    return { model, weights, maxPositions: this.#maxPositions };
  }

  /** Rows of the embedding, dequantised as they are gathered: f32[1,S,H]. */
  #embed(values: string, scales: string): string {
    const { vocabSize, hiddenSize } = this.config;
    const blocks = hiddenSize / QUANT_BLOCK;
    const table = this.#weights.alias('embed.table', values, [vocabSize, hiddenSize]);
    const tableScales = this.#weights.alias('embed.table.s', scales, [vocabSize, blocks]);
    const zeroPoints = this.#weights.computed('embed.table.z', 'uint8', [vocabSize, blocks], () =>
      new Uint8Array(vocabSize * blocks).fill(128),
    );
    return this.#microsoft(
      'GatherBlockQuantized',
      [table, 'input_ids', tableScales, zeroPoints],
      'embedded',
      {
        gather_axis: { int: 0 },
        quantize_axis: { int: 1 },
        block_size: { int: QUANT_BLOCK },
        bits: { int: 8 },
      },
    );
  }

  #rotaryTables(): { cos: string; sin: string } {
    const { headDim, ropeTheta } = this.config;
    const table = (name: 'cos' | 'sin') =>
      this.#weights.computed(name, 'float32', [this.#maxPositions, headDim / 2], () =>
        rotaryTable(name, this.#maxPositions, headDim, ropeTheta),
      );
    return { cos: table('cos'), sin: table('sin') };
  }

  #block(index: number, stream: Stream, rotary: { cos: string; sin: string }, axis2: string): Stream {
    const { hiddenSize: H, headCount, kvHeadCount, headDim, feedForwardSize: F } = this.config;
    const source = `blk.${index}`;
    const at = (name: string) => `b${index}.${name}`;
    const attention = this.#norm(at('attn'), `${source}.attn_norm.weight`, stream);

    const qkvRows = (headCount + 2 * kvHeadCount) * headDim;
    const part = (letter: string, kind: string) => `${source}.attn_${letter}.${kind}`;
    const qkv = this.#linear(
      at('qkv'),
      attention.normed,
      ['q', 'k', 'v'].map((letter) => part(letter, 'weight')),
      qkvRows,
      H,
      this.#weights.float32(
        at('qkv.bias'),
        ['q', 'k', 'v'].map((letter) => part(letter, 'bias')),
        qkvRows,
      ),
    );
    const past = (letter: 'k' | 'v') => `past.${index}.${letter}`;
    this.#nodes.push({
      operator: 'GroupQueryAttention',
      domain: MICROSOFT,
      inputs: [qkv, '', '', past('k'), past('v'), 'seqlens_k', 'total_seq_len', rotary.cos, rotary.sin],
      outputs: [at('attended'), at('present.k'), at('present.v')],
      attributes: {
        num_heads: { int: headCount },
        kv_num_heads: { int: kvHeadCount },
        scale: { float: headDim ** -0.5 },
        do_rotary: { int: 1 },
        // llama.cpp leaves qwen2's q and k unpermuted: rotary pairs are half a head apart, not neighbours.
        rotary_interleaved: { int: 0 },
      },
    });
    for (const letter of ['k', 'v'] as const) {
      this.#node('Slice', [at(`present.${letter}`), 'new_start', 'new_end', axis2], `new.${index}.${letter}`);
    }
    const projected = this.#linear(at('o'), at('attended'), [`${source}.attn_output.weight`], H, H);

    const feedForward = this.#norm(at('ffn'), `${source}.ffn_norm.weight`, {
      residual: attention.residual,
      pending: projected,
    });
    const gate = this.#linear(at('gate'), feedForward.normed, [`${source}.ffn_gate.weight`], F, H);
    const up = this.#linear(at('up'), feedForward.normed, [`${source}.ffn_up.weight`], F, H);
    // QuickGelu with alpha 1 is x * sigmoid(x), that is SiLU, in one operator.
    const activated = this.#microsoft('QuickGelu', [gate], at('silu'), { alpha: { float: 1 } });
    const product = this.#node('Mul', [activated, up], at('product'));
    const down = this.#linear(at('down'), product, [`${source}.ffn_down.weight`], H, F);
    return { residual: feedForward.residual, pending: down };
  }

  /** RMSNorm of the residual stream, into which what the last sub-layer wrote is added in the same operator. */
  #norm(name: string, gain: string, stream: Stream): { normed: string; residual: string } {
    const weight = this.#weights.float32(`${name}.gain`, [gain], this.config.hiddenSize);
    const epsilon = { float: this.config.rmsEpsilon };
    const normed = `${name}.normed`;
    if (stream.pending === undefined) {
      this.#node('SimplifiedLayerNormalization', [stream.residual, weight], normed, {
        axis: { int: -1 },
        epsilon,
        stash_type: { int: 1 },
      });
      return { normed, residual: stream.residual };
    }
    const residual = `${name}.residual`;
    this.#nodes.push({
      operator: 'SkipSimplifiedLayerNormalization',
      domain: MICROSOFT,
      inputs: [stream.residual, stream.pending, weight],
      outputs: [normed, '', '', residual],
      attributes: { epsilon },
    });
    return { normed, residual };
  }

  /** x [1,S,columns] times the stacked matrices' transpose, plus bias: [1,S,rows]. */
  #linear(name: string, x: string, sources: readonly string[], rows: number, columns: number, bias?: string) {
    return this.#matmul(
      name,
      x,
      this.#weights.blocks8(`${name}.w`, sources, rows, columns),
      rows,
      columns,
      bias,
    );
  }

  #matmul(
    output: string,
    x: string,
    weight: { values: string; scales: string },
    rows: number,
    columns: number,
    bias?: string,
  ): string {
    const inputs = [x, weight.values, weight.scales, ...(bias === undefined ? [] : ['', '', bias])];
    return this.#microsoft('MatMulNBits', inputs, output, {
      K: { int: columns },
      N: { int: rows },
      bits: { int: 8 },
      block_size: { int: QUANT_BLOCK },
      accuracy_level: { int: ACCURACY_INT8 },
    });
  }

  #node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): string {
    this.#nodes.push({ operator, domain, inputs, outputs: [output], attributes });
    return output;
  }

  #microsoft(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, AttributeValue>,
  ): string {
    return this.#node(operator, inputs, output, attributes, MICROSOFT);
  }

  #int64(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#weights.inline(name, 'int64', [values.length], bytes);
  }

  #inputs(): OnnxValue[] {
    const { kvHeadCount, headDim } = this.config;
    return [
      { name: 'input_ids', type: 'int64', shape: [1, 'S'] },
      { name: 'seqlens_k', type: 'int32', shape: [1] },
      { name: 'total_seq_len', type: 'int32', shape: [1] },
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
