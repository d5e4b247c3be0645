import type { ModelConfig } from '../gguf/modelConfig';
import type { GraphBuilder } from './graphBuilder';
import { hadamardBlockOf, hadamardMatrix } from './hadamard';
import type { Projections } from './projections';
import type { MatrixPart } from './weightPlan';

/** Activations are quantised to 128 ± 127. */
const ZERO_POINT = 128;
const ACTIVATION_LEVELS = 127;

/** Width of the one rotation that is left to run time, before down_proj; wider ones gained nothing. */
const PRODUCT_HADAMARD = 32;
const HEAD_HADAMARD_LIMIT = 128;

/** A row-quantised activation: u8 [1,S,K] and the rows' scales f32[1,S,1]. */
interface QuantizedRows {
  readonly values: string;
  readonly scales: string;
}

/**
 * The *fast* variants: integers with one scale per output channel, times activations of 8 bits with one scale per
 * row. The residual stream and the value heads are rotated inside the weights (`ResidualRotation`); the product of
 * gate and up is rotated at run time, in Hadamard blocks.
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
    const name = `b${block}.qkv`;
    const scaled = this.#linear(`${name}.unbiased`, normed, parts, hiddenSize);
    return this.graph.node('Add', [scaled, bias], name);
  }

  attentionOutput(block: number, attended: string): string {
    const { hiddenSize } = this.config;
    const part: MatrixPart = {
      source: `blk.${block}.attn_output.weight`,
      rows: hiddenSize,
      inputs: { hadamard: this.#valueHadamard },
      outputs: 'residual',
    };
    return this.#linear(`b${block}.o`, attended, [part], hiddenSize);
  }

  feedForward(block: number, normed: string): string {
    const { hiddenSize: H, feedForwardSize: F } = this.config;
    const at = (name: string) => `b${block}.${name}`;
    const part = (name: string): MatrixPart => ({
      source: `blk.${block}.ffn_${name}.weight`,
      rows: F,
      gain: `blk.${block}.ffn_norm.weight`,
      inputs: 'residual',
    });
    const x = this.#quantize(normed);
    const gate = this.#scaled(at('gate'), this.#multiply(at('gate'), x, [part('gate')], H), x.scales);
    // The row scale of up is left out here and multiplied into the result of down: one number a row instead of F.
    const up = this.#multiply(at('up'), x, [part('up')], H);
    const activated = this.graph.microsoft('QuickGelu', [gate], at('silu'), { alpha: { float: 1 } });
    const product = this.graph.node('Mul', [activated, up], at('product'));
    const rotated = this.#quantize(this.#rotateProduct(product));
    const down: MatrixPart = {
      source: `blk.${block}.ffn_down.weight`,
      rows: H,
      inputs: { hadamard: this.#productHadamard },
      outputs: 'residual',
    };
    const scales = this.graph.node('Mul', [rotated.scales, x.scales], at('down.scales'));
    return this.#scaled(at('down'), this.#multiply(at('down'), rotated, [down], F), scales);
  }

  head(rows: string): string {
    const { tiedEmbeddings, vocabSize, hiddenSize } = this.config;
    const part: MatrixPart = {
      source: tiedEmbeddings ? 'token_embd.weight' : 'output.weight',
      rows: vocabSize,
      gain: 'output_norm.weight',
      inputs: 'residual',
    };
    return this.#linear('logits', rows, [part], hiddenSize);
  }

  #linear(name: string, x: string, parts: readonly MatrixPart[], columns: number): string {
    const quantized = this.#quantize(x);
    return this.#scaled(name, this.#multiply(name, quantized, parts, columns), quantized.scales);
  }

  /** The product without the rows' scales: f32[1,S,rows]. */
  #multiply(name: string, x: QuantizedRows, parts: readonly MatrixPart[], columns: number): string {
    const weight = this.graph.weights.int8(`${name}.w`, parts, columns, this.levels);
    const one = this.graph.float('one', 1);
    const zero = this.graph.byte('zero_point', ZERO_POINT);
    const inputs = [x.values, weight.values, one, weight.scales, zero];
    return this.graph.microsoft('MatMulIntegerToFloat', inputs, `${name}.raw`);
  }

  #scaled(name: string, raw: string, scales: string): string {
    return this.graph.node('Mul', [raw, scales], name);
  }

  /**
   * Rows to u8 by their largest magnitude. A row of zeros has the scale 0, whatever its integers become, so that the
   * product is 0 as it should be.
   */
  #quantize(x: string): QuantizedRows {
    const { graph } = this;
    const magnitude = graph.node('Abs', [x], `${x}.abs`);
    const max = graph.node('ReduceMax', [magnitude, graph.int64('last_axis', [-1])], `${x}.max`, {
      keepdims: { int: 1 },
    });
    const scales = graph.node('Mul', [max, graph.float('per_level', 1 / ACTIVATION_LEVELS)], `${x}.scale`);
    const flat = graph.node('Reshape', [scales, graph.int64('flat', [-1])], `${x}.scale.flat`);
    const values = graph.node('QuantizeLinear', [x, flat, this.#zeroPoints(x, flat)], `${x}.u8`, {
      axis: { int: 1 },
    });
    return { values, scales };
  }

  /** One zero point per row, made once for all activations of the same rows. */
  #zeroPoints(x: string, scales: string): string {
    const { graph } = this;
    const name = x === 'rows' ? 'zero_points.rows' : 'zero_points';
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
