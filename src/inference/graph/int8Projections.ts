import type { ModelConfig } from '../gguf/modelConfig';
import type { GraphBuilder } from './graphBuilder';
import { hadamardBlockOf, hadamardMatrix } from './hadamard';
import type { Projections, Rows } from './projections';
import { residualBlockOf } from './rotation';
import type { MatrixPart } from './weightPlan';

/** Activations are quantised to 128 ± 127. */
const ZERO_POINT = 128;
const ACTIVATION_LEVELS = 127;

/** Width of the one rotation that is left to run time, before down_proj; wider ones gained nothing. */
const PRODUCT_HADAMARD = 32;
const HEAD_HADAMARD_LIMIT = 128;

/**
 * Where the inputs that a norm has made are cut off, in multiples of their root mean square. Rotated they are nearly
 * normally distributed, so hardly one in 10,000 lies beyond, and rows need no scales of their own (docs/BENCHMARKS.md, accuracy).
 */
const NORMED_LIMIT = 4;

/** A quantised activation, u8 [1,S,K], and its scale f32[]. */
interface Quantized {
  readonly values: string;
  readonly scale: string;
}

/** A row-quantised activation: u8 [1,S,K] and the rows' scales f32[1,S,1]. */
interface QuantizedRows {
  readonly values: string;
  readonly scales: string;
}

/**
 * The *fast* variants: integers with one scale per output channel, times activations of 8 bits. What a norm has made
 * has the same scale everywhere, so nothing is left to multiply behind the product; all else has one scale per row. The
 * residual stream and the value heads are rotated inside the weights (`ResidualRotation`); the product of gate and up
 * is rotated at run time, in Hadamard blocks.
 */
export class Int8Projections implements Projections {
  readonly #valueHadamard: number;
  readonly #productHadamard: number;

  /** @param levels largest magnitude of a weight: 127 for 8 bits, 63 for 7 */
  constructor(
    private readonly config: ModelConfig,
    private readonly graph: GraphBuilder,
    private readonly levels: number,
  ) {
    this.#valueHadamard = hadamardBlockOf(config.headDim, HEAD_HADAMARD_LIMIT);
    this.#productHadamard = hadamardBlockOf(config.feedForwardSize, PRODUCT_HADAMARD);
  }

  gain(): string {
    const { hiddenSize } = this.config;
    const ones = new Uint8Array(new Float32Array(hiddenSize).fill(1).buffer);
    return this.graph.weights.inline('ones', 'float32', [hiddenSize], ones);
  }

  queryKeyValue(block: number, normed: string): string {
    const { hiddenSize, headCount, kvHeadCount, headDim } = this.config;
    const hadamard = { hadamard: this.#valueHadamard };
    const source = (letter: string, kind: string) => `blk.${block}.attn_${letter}.${kind}`;
    const part = (letter: string, rows: number): MatrixPart => ({
      source: source(letter, 'weight'),
      rows,
      gain: `blk.${block}.attn_norm.weight`,
      inputs: 'residual',
    });
    const parts = [
      part('q', headCount * headDim),
      part('k', kvHeadCount * headDim),
      { ...part('v', kvHeadCount * headDim), outputs: hadamard },
    ];
    const bias = this.graph.weights.float32(
      `b${block}.qkv.bias`,
      [
        { source: source('q', 'bias') },
        { source: source('k', 'bias') },
        { source: source('v', 'bias'), map: hadamard },
      ],
      (headCount + 2 * kvHeadCount) * headDim,
    );
    return this.#multiply(`b${block}.qkv`, this.#quantizeNormed(normed), parts, hiddenSize, bias);
  }

  attentionOutput(block: number, attended: string, rows: Rows): string {
    const { hiddenSize } = this.config;
    const part: MatrixPart = {
      source: `blk.${block}.attn_output.weight`,
      rows: hiddenSize,
      inputs: { hadamard: this.#valueHadamard },
      outputs: 'residual',
    };
    return this.#multiplyRows(`b${block}.o`, this.#quantizeRows(attended, rows), [part], hiddenSize);
  }

  feedForward(block: number, normed: string, rows: Rows): string {
    const { hiddenSize: H, feedForwardSize: F } = this.config;
    const at = (name: string) => `b${block}.${name}`;
    const part = (name: string): MatrixPart => ({
      source: `blk.${block}.ffn_${name}.weight`,
      rows: F,
      gain: `blk.${block}.ffn_norm.weight`,
      inputs: 'residual',
    });
    const x = this.#quantizeNormed(normed);
    const gate = this.#multiply(at('gate'), x, [part('gate')], H);
    const up = this.#multiply(at('up'), x, [part('up')], H);
    const activated = this.graph.microsoft('QuickGelu', [gate], at('silu'), { alpha: { float: 1 } });
    const product = this.graph.node('Mul', [activated, up], at('product'));
    const down: MatrixPart = {
      source: `blk.${block}.ffn_down.weight`,
      rows: H,
      inputs: { hadamard: this.#productHadamard },
      outputs: 'residual',
    };
    const rotated = this.#quantizeRows(this.#rotateProduct(product), rows);
    return this.#multiplyRows(at('down'), rotated, [down], F);
  }

  head(rows: string): string {
    const { tiedEmbeddings, vocabSize, hiddenSize } = this.config;
    const part: MatrixPart = {
      source: tiedEmbeddings ? 'token_embd.weight' : 'output.weight',
      rows: vocabSize,
      gain: 'output_norm.weight',
      inputs: 'residual',
    };
    return this.#multiply('logits', this.#quantizeNormed(rows), [part], hiddenSize);
  }

  /** f32[1,S,rows], plus bias. */
  #multiply(
    name: string,
    { values, scale }: Quantized,
    parts: readonly MatrixPart[],
    columns: number,
    bias?: string,
  ): string {
    const weight = this.graph.weights.int8(`${name}.w`, parts, columns, this.levels);
    const zero = this.graph.byte('zero_point', ZERO_POINT);
    const inputs = [values, weight.values, scale, weight.scales, zero];
    return this.graph.microsoft(
      'MatMulIntegerToFloat',
      bias === undefined ? inputs : [...inputs, '', bias],
      name,
    );
  }

  /** f32[1,S,rows]. */
  #multiplyRows(
    name: string,
    { values, scales }: QuantizedRows,
    parts: readonly MatrixPart[],
    columns: number,
  ): string {
    const one = { values, scale: this.graph.float('one', 1) };
    return this.graph.node('Mul', [this.#multiply(`${name}.raw`, one, parts, columns), scales], name);
  }

  /** What a norm without a gain has made, to u8. */
  #quantizeNormed(x: string): Quantized {
    const { graph } = this;
    const { hiddenSize } = this.config;
    // All of a row's length may lie in one channel, which the rotation spreads over its block.
    const onlyChannel = Math.sqrt(hiddenSize / residualBlockOf(hiddenSize));
    const limit = Math.max(NORMED_LIMIT, onlyChannel);
    const scale = graph.float('normed_scale', limit / ACTIVATION_LEVELS);
    const inputs = [x, scale, graph.byte('zero_point', ZERO_POINT)];
    return { values: graph.node('QuantizeLinear', inputs, `${x}.u8`), scale };
  }

  /**
   * Rows to u8 by their largest magnitude. A row of zeros has the scale 0, whatever its integers become, so that the
   * product is 0 as it should be.
   */
  #quantizeRows(x: string, rows: Rows): QuantizedRows {
    const { graph } = this;
    const magnitude = graph.node('Abs', [x], `${x}.abs`);
    const max = graph.node('ReduceMax', [magnitude, graph.int64('last_axis', [-1])], `${x}.max`, {
      keepdims: { int: 1 },
    });
    const scales = graph.node('Mul', [max, graph.float('per_level', 1 / ACTIVATION_LEVELS)], `${x}.scale`);
    const flat = graph.node('Reshape', [scales, graph.int64('flat', [-1])], `${x}.scale.flat`);
    const values = graph.node('QuantizeLinear', [x, flat, this.#zeroPoints(rows, flat)], `${x}.u8`, {
      axis: { int: 1 },
    });
    return { values, scales };
  }

  /** One zero point per row, made once for all activations of the same rows. */
  #zeroPoints(rows: Rows, scales: string): string {
    const { graph } = this;
    const name = `zero_points.${rows}`;
    if (!graph.nodes.some(({ outputs }) => outputs[0] === name)) {
      const shape = graph.node('Shape', [scales], `${name}.shape`);
      graph.node('Expand', [graph.byte('zero_point', ZERO_POINT), shape], name);
    }
    return name;
  }

  #rotateProduct(product: string): string {
    const { graph } = this;
    const width = this.#productHadamard;
    const matrix = graph.weights.inline('product.hadamard', 'float32', [width, width], hadamardBytes(width));
    const blocks = graph.node(
      'Reshape',
      [product, graph.int64('product.blocks', [-1, width])],
      `${product}.blocks`,
    );
    const rotated = graph.node('MatMul', [blocks, matrix], `${product}.rotated`);
    const rows = graph.int64('product.rows', [1, -1, this.config.feedForwardSize]);
    return graph.node('Reshape', [rotated, rows], `${product}.rows`);
  }
}

const hadamardBytes = (width: number): Uint8Array => new Uint8Array(hadamardMatrix(width).buffer);
