import type { ModelConfig } from '../gguf/modelConfig';
import type { GraphBuilder } from './graphBuilder';
import type { Projections } from './projections';
import { QUANT_BLOCK, type MatrixPart } from './weightPlan';

/** MatMulNBits may quantise activations to 8 bits inside its kernel: the accuracy that the variant was measured with. */
const ACCURACY_INT8 = 4;

/** The *exact* variant: weights in 8-bit blocks, activations in f32 between the operators. */
export class ExactProjections implements Projections {
  constructor(
    private readonly config: ModelConfig,
    private readonly graph: GraphBuilder,
  ) {}

  gain(name: string, source: string): string {
    return this.graph.weights.float32(name, [{ source }], this.config.hiddenSize);
  }

  queryKeyValue(block: number, normed: string): string {
    const { hiddenSize, headCount, kvHeadCount, headDim } = this.config;
    const rows = { q: headCount * headDim, k: kvHeadCount * headDim, v: kvHeadCount * headDim };
    const letters = ['q', 'k', 'v'] as const;
    const bias = this.graph.weights.float32(
      `b${block}.qkv.bias`,
      letters.map((letter) => ({ source: `blk.${block}.attn_${letter}.bias` })),
      rows.q + rows.k + rows.v,
    );
    const parts = letters.map((letter) => ({
      source: `blk.${block}.attn_${letter}.weight`,
      rows: rows[letter],
    }));
    return this.#linear(`b${block}.qkv`, normed, parts, hiddenSize, bias);
  }

  attentionOutput(block: number, attended: string): string {
    const { hiddenSize: H } = this.config;
    return this.#linear(`b${block}.o`, attended, [{ source: `blk.${block}.attn_output.weight`, rows: H }], H);
  }

  feedForward(block: number, normed: string): string {
    const { hiddenSize: H, feedForwardSize: F } = this.config;
    const at = (name: string) => `b${block}.${name}`;
    const matrix = (name: string, rows: number) => [{ source: `blk.${block}.ffn_${name}.weight`, rows }];
    const gate = this.#linear(at('gate'), normed, matrix('gate', F), H);
    const up = this.#linear(at('up'), normed, matrix('up', F), H);
    // QuickGelu with alpha 1 is x * sigmoid(x), that is SiLU, in one operator.
    const activated = this.graph.microsoft('QuickGelu', [gate], at('silu'), { alpha: { float: 1 } });
    const product = this.graph.node('Mul', [activated, up], at('product'));
    return this.#linear(at('down'), product, matrix('down', H), F);
  }

  head(rows: string): string {
    const { tiedEmbeddings, vocabSize, hiddenSize } = this.config;
    const source = tiedEmbeddings ? 'token_embd.weight' : 'output.weight';
    return this.#linear('logits', rows, [{ source, rows: vocabSize }], hiddenSize);
  }

  /** x [1,S,columns] times the stacked matrices' transpose, plus bias. */
  #linear(
    name: string,
    x: string,
    parts: readonly Pick<MatrixPart, 'source' | 'rows'>[],
    columns: number,
    bias?: string,
  ): string {
    const weight = this.graph.weights.blocks8(`${name}.w`, parts, columns);
    const inputs = [x, weight.values, weight.scales, ...(bias === undefined ? [] : ['', '', bias])];
    return this.graph.microsoft('MatMulNBits', inputs, name, {
      K: { int: columns },
      N: { int: parts.reduce((sum, { rows }) => sum + rows, 0) },
      bits: { int: 8 },
      block_size: { int: QUANT_BLOCK },
      accuracy_level: { int: ACCURACY_INT8 },
    });
  }
}
