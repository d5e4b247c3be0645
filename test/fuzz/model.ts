/** A whole qwen2 model of 20 KB, in parts that can be changed before they are put together. */
import { GgufBuilder, encode, type EncodedValue } from '../unit/gguf/ggufBuilder';
import type { TensorType } from '../../src/inference/gguf/types';
import { smallVocab } from '../unit/tokenizer/smallVocab';

export interface ModelParts {
  readonly metadata: Map<string, EncodedValue>;
  readonly tensors: Map<string, TensorPart>;
  tokens: string[];
  merges: string[];
  tokenTypes: number[];
  alignment: number;
}

export interface TensorPart {
  shape: readonly (number | bigint)[];
  type: TensorType;
  typeNumber?: number;
  offset?: number | bigint;
}

const HIDDEN = 8;
const FEED_FORWARD = 8;
const KV = 4;

/** @param tied leaves the output matrix out */
export function modelParts(tied: boolean): ModelParts {
  const { tokens, merges, tokenTypes } = smallVocab();
  const metadata = new Map<string, EncodedValue>([
    ['general.architecture', encode.string('qwen2')],
    ['general.name', encode.string('Fuzzed')],
    ['qwen2.block_count', encode.uint32(1)],
    ['qwen2.context_length', encode.uint32(128)],
    ['qwen2.embedding_length', encode.uint32(HIDDEN)],
    ['qwen2.feed_forward_length', encode.uint32(FEED_FORWARD)],
    ['qwen2.attention.head_count', encode.uint32(2)],
    ['qwen2.attention.head_count_kv', encode.uint32(1)],
    ['qwen2.rope.freq_base', encode.float32(1_000_000)],
    ['qwen2.attention.layer_norm_rms_epsilon', encode.float32(1e-6)],
    ['tokenizer.ggml.model', encode.string('gpt2')],
    ['tokenizer.ggml.pre', encode.string('qwen2')],
  ]);
  const matrix = (rows: number, columns: number): TensorPart => ({ shape: [rows, columns], type: 'F32' });
  const vector = (size: number): TensorPart => ({ shape: [size], type: 'F32' });
  const tensors = new Map<string, TensorPart>([
    ['token_embd.weight', matrix(tokens.length, HIDDEN)],
    ['output_norm.weight', vector(HIDDEN)],
    ['blk.0.attn_norm.weight', vector(HIDDEN)],
    ['blk.0.attn_q.weight', matrix(HIDDEN, HIDDEN)],
    ['blk.0.attn_q.bias', vector(HIDDEN)],
    ['blk.0.attn_k.weight', matrix(KV, HIDDEN)],
    ['blk.0.attn_k.bias', vector(KV)],
    ['blk.0.attn_v.weight', matrix(KV, HIDDEN)],
    ['blk.0.attn_v.bias', vector(KV)],
    ['blk.0.attn_output.weight', matrix(HIDDEN, HIDDEN)],
    ['blk.0.ffn_norm.weight', vector(HIDDEN)],
    ['blk.0.ffn_gate.weight', matrix(FEED_FORWARD, HIDDEN)],
    ['blk.0.ffn_up.weight', matrix(FEED_FORWARD, HIDDEN)],
    ['blk.0.ffn_down.weight', matrix(HIDDEN, FEED_FORWARD)],
  ]);
  if (!tied) tensors.set('output.weight', matrix(tokens.length, HIDDEN));
  return {
    metadata,
    tensors,
    tokens: [...tokens],
    merges: [...merges],
    tokenTypes: Array.from(tokenTypes),
    alignment: 32,
  };
}

/** Data that a tensor gets at most, in bytes: a damaged shape must not make a large file. */
const MAX_TENSOR_BYTES = 65_536;

/** The file; the vocabulary goes in behind the other metadata unless those already hold such a key. */
export function buildModel(parts: ModelParts, maxTensorBytes = MAX_TENSOR_BYTES): Buffer {
  const builder = new GgufBuilder();
  const metadata = new Map(parts.metadata);
  const vocabulary: readonly [string, () => EncodedValue][] = [
    ['tokenizer.ggml.tokens', () => encode.strings(parts.tokens)],
    ['tokenizer.ggml.token_type', () => encode.array(5, parts.tokenTypes.map(encode.int32))],
    ['tokenizer.ggml.merges', () => encode.strings(parts.merges)],
  ];
  for (const [key, value] of vocabulary) if (!metadata.has(key)) metadata.set(key, value());
  if (parts.alignment !== 32) metadata.set('general.alignment', encode.uint32(parts.alignment));
  for (const [key, value] of metadata) builder.metadata(key, value);
  for (const [name, { shape, type, typeNumber, offset }] of parts.tensors) {
    builder.tensor(name, shape, type, {
      data: new Uint8Array(Math.min(dataBytes(shape), maxTensorBytes)),
      ...(typeNumber !== undefined && { typeNumber }),
      ...(offset !== undefined && { offset }),
    });
  }
  return builder.build({ alignment: Math.min(Math.max(1, parts.alignment), 4096) });
}

/** As F32. */
function dataBytes(shape: TensorPart['shape']): number {
  const bytes = shape.reduce<number>((product, size) => product * Number(size), 4);
  return Number.isFinite(bytes) ? bytes : 0;
}
