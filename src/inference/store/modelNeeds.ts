/** How much disk and memory a model takes, from its dimensions alone. */
import type { Variant } from '../engine';
import type { ModelConfig } from '../gguf/modelConfig';

/** The numbers that sizes follow from. */
export type ModelDimensions = Pick<
  ModelConfig,
  | 'blockCount'
  | 'hiddenSize'
  | 'headDim'
  | 'kvHeadCount'
  | 'feedForwardSize'
  | 'vocabSize'
  | 'contextLength'
  | 'tiedEmbeddings'
>;

/** In bytes. */
export interface VariantNeeds {
  /** The converted files, beside the GGUF. */
  readonly diskBytes: number;
  /** Resident once loaded, keys and values of `contextTokens` included. */
  readonly memoryBytes: number;
}

/** Columns that share a scale in 8-bit blocks. */
const BLOCK = 32;
/** Positions of the rotary tables at most; see `qwen2Graph.ts`. */
const MAX_POSITIONS = 32_768;
const F32 = 4;
/** Context that is reckoned with unless another is named: suggestions and a chat of some length. */
const CONTEXT_TOKENS = 2048;
/**
 * Beside weights, keys and values: tokenizer with its vocabulary (130 MB with 152,000 tokens), activations, the
 * library. Measured with 0.5B *exact*: 871 MB more than an empty process, of which 722 MB are the converted files.
 */
const RUNTIME_BYTES = 200e6;

/** Weights of a model, biases and norms included. A head that is tied to the embedding counts once. */
export function parameterCount(dimensions: ModelDimensions): number {
  const { vocabSize, hiddenSize, tiedEmbeddings } = dimensions;
  return (
    matrixWeights(dimensions) + vocabSize * hiddenSize * (tiedEmbeddings ? 1 : 2) + vectorWeights(dimensions)
  );
}

/**
 * Size of the converted files in bytes. *exact* holds every matrix in blocks of 32 one-byte weights with one f32
 * scale, so 9/8 bytes a weight. *fast* and *fast7* hold one byte a weight and one f32 scale for each output row. The
 * head is a matrix of its own even where the GGUF ties it to the embedding, which itself stays in the GGUF.
 */
export function convertedBytes(dimensions: ModelDimensions, variant: Variant): number {
  const { vocabSize, hiddenSize, headDim, contextLength } = dimensions;
  const weights = matrixWeights(dimensions) + vocabSize * hiddenSize;
  const scales = variant === 'exact' ? weights / BLOCK : matrixRows(dimensions) + vocabSize;
  const rotary = Math.min(contextLength, MAX_POSITIONS) * headDim;
  return weights + (scales + rotary + vectorWeights(dimensions)) * F32;
}

/**
 * What the native library adds to the converted files of the int8 variants, in bytes: every matrix once more, in its own
 * layout.
 */
export function packedBytes(dimensions: ModelDimensions, variant: Variant): number {
  if (variant === 'exact') return 0;
  return matrixWeights(dimensions) + dimensions.vocabSize * dimensions.hiddenSize;
}

/** Keys and values in f32 for so many tokens, in bytes. */
export function cacheBytes(dimensions: ModelDimensions, contextTokens: number): number {
  const { blockCount, kvHeadCount, headDim } = dimensions;
  return 2 * blockCount * kvHeadCount * headDim * F32 * contextTokens;
}

/** What a variant of a model takes on disk and in memory. */
export function variantNeeds(
  dimensions: ModelDimensions,
  variant: Variant,
  contextTokens: number = CONTEXT_TOKENS,
): VariantNeeds {
  const converted = convertedBytes(dimensions, variant);
  return {
    diskBytes: Math.round(converted + packedBytes(dimensions, variant)),
    // Of the matrices one of both layouts is read.
    memoryBytes: Math.round(converted) + cacheBytes(dimensions, contextTokens) + RUNTIME_BYTES,
  };
}

const qkvRows = ({ hiddenSize, kvHeadCount, headDim }: ModelDimensions): number =>
  hiddenSize + 2 * kvHeadCount * headDim;

/** Rows of all matrices but embedding and head. */
function matrixRows(dimensions: ModelDimensions): number {
  const { blockCount, hiddenSize, feedForwardSize } = dimensions;
  return blockCount * (qkvRows(dimensions) + 2 * hiddenSize + 2 * feedForwardSize);
}

function matrixWeights(dimensions: ModelDimensions): number {
  const { blockCount, hiddenSize, feedForwardSize } = dimensions;
  return blockCount * hiddenSize * (qkvRows(dimensions) + hiddenSize + 3 * feedForwardSize);
}

/** Biases and gains. */
function vectorWeights(dimensions: ModelDimensions): number {
  const { blockCount, hiddenSize } = dimensions;
  return blockCount * (qkvRows(dimensions) + 2 * hiddenSize) + hiddenSize;
}
