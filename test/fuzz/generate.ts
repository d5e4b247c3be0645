/** Files whose container is sound and whose content is not quite that of a model. */
import { encode, VALUE_TYPE, type EncodedValue } from '../unit/gguf/ggufBuilder';
import { TENSOR_TYPES } from '../../src/inference/gguf/types';
import { EDGES, type Chance } from '../support/chance';
import { buildModel, modelParts, type ModelParts } from './model';

type Change = (parts: ModelParts, chance: Chance) => void;

/** Keys that the reader asks for, and some that it does not. */
const KEYS: readonly [string, ...string[]] = [
  'general.architecture',
  'general.name',
  'general.basename',
  'split.count',
  'qwen2.block_count',
  'qwen2.context_length',
  'qwen2.embedding_length',
  'qwen2.feed_forward_length',
  'qwen2.attention.head_count',
  'qwen2.attention.head_count_kv',
  'qwen2.attention.key_length',
  'qwen2.attention.value_length',
  'qwen2.rope.dimension_count',
  'qwen2.rope.freq_base',
  'qwen2.rope.scaling.type',
  'qwen2.rope.scaling.factor',
  'qwen2.rope.scale_linear',
  'qwen2.attention.layer_norm_rms_epsilon',
  'qwen2.vocab_size',
  'tokenizer.ggml.model',
  'tokenizer.ggml.pre',
  'tokenizer.ggml.tokens',
  'tokenizer.ggml.token_type',
  'tokenizer.ggml.merges',
  'tokenizer.chat_template',
  '__proto__',
];

const TEXTS: readonly [string, ...string[]] = [
  '',
  ' ',
  'qwen2',
  'qwen2 ',
  'none',
  'linear',
  'yarn',
  'gpt2',
  'Ġ',
  'a b',
  'a',
  ' a',
  'a ',
  'a b c',
  'é',
  '世',
  '👋',
  '\uFEFF',
  '\uFFFD',
  '\0',
  '<|im_end|>',
  '<tool_call>',
  '$&(?:',
  'x'.repeat(300),
];

const NUMBERS: readonly [number, ...number[]] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 32, 40, 64, 96, 127, 128, 255,
];
const REALS: readonly [number, ...number[]] = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1e-45,
  1e-6,
  0.5,
  1,
  1e10,
  1e300,
  -1,
];

function scalar(chance: Chance): EncodedValue {
  const big = BigInt.asUintN(64, chance.of(EDGES));
  const kinds: readonly [() => EncodedValue, ...(() => EncodedValue)[]] = [
    () => encode.uint8(chance.below(256)),
    () => encode.int8(chance.below(256) - 128),
    () => encode.uint16(chance.below(65_536)),
    () => encode.uint32(chance.of(NUMBERS)),
    () => encode.uint32(Number(big & 0xffffffffn)),
    () => encode.int32(chance.below(2 ** 32) - 2 ** 31),
    () => encode.float32(chance.of(REALS)),
    () => encode.float64(chance.of(REALS)),
    () => encode.boolean(chance.oneIn(2)),
    () => encode.uint64(big),
    () => encode.int64(BigInt.asIntN(64, big)),
    () => encode.string(chance.of(TEXTS)),
    () => encode.string(chance.bytes(chance.below(12))),
  ];
  return chance.of(kinds)();
}

function anyValue(chance: Chance, depth = 0): EncodedValue {
  if (!chance.oneIn(3)) return scalar(chance);
  const length = chance.below(6);
  if (depth < 5 && chance.oneIn(3)) {
    const inner = Array.from({ length }, () => {
      const value = anyValue(chance, depth + 1);
      return value.type === VALUE_TYPE.array ? value : encode.array(value.type, [value]);
    });
    return encode.array(VALUE_TYPE.array, inner);
  }
  const first = scalar(chance);
  const claimed = chance.oneIn(8) ? chance.of(EDGES) : length;
  return encode.array(
    first.type,
    Array.from({ length }, () => first),
    claimed,
  );
}

const some = <T>(values: Iterable<T>, chance: Chance): T | undefined => chance.of([...values]);

const CHANGES: readonly [Change, ...Change[]] = [
  ({ metadata }, chance) => void metadata.set(chance.of(KEYS), anyValue(chance)),
  ({ metadata }, chance) => void metadata.set(chance.of(KEYS), scalar(chance)),
  ({ metadata }, chance) => void metadata.delete(some(metadata.keys(), chance) ?? ''),
  ({ tensors }, chance) => void tensors.delete(some(tensors.keys(), chance) ?? ''),
  ({ tensors }, chance) => {
    const tensor = some(tensors.values(), chance);
    if (tensor === undefined) return;
    const size = (): number | bigint => (chance.oneIn(4) ? chance.of(EDGES) : chance.of(NUMBERS));
    tensor.shape = chance.oneIn(2)
      ? tensor.shape.map((old) => (chance.oneIn(2) ? size() : old))
      : Array.from({ length: chance.below(6) }, size);
  },
  ({ tensors }, chance) => {
    const tensor = some(tensors.values(), chance);
    if (tensor !== undefined)
      tensor.typeNumber = chance.oneIn(4) ? Number(chance.of(EDGES) & 0xffffffffn) : chance.below(41);
  },
  ({ tensors }, chance) => {
    const tensor = some(tensors.values(), chance);
    if (tensor !== undefined)
      tensor.offset = chance.oneIn(2) ? BigInt(chance.below(4096)) * 32n : chance.of(EDGES);
  },
  ({ tensors }, chance) => {
    const name = chance.of([
      'output.weight',
      'blk.1.attn_q.weight',
      'x',
      'rope_freqs.weight',
      'n'.repeat(65),
    ]);
    tensors.set(name, { shape: [chance.of(NUMBERS), 8], type: chance.of(TENSOR_TYPES) ?? 'F32' });
  },
  (parts, chance) => void (parts.tokens[chance.below(parts.tokens.length)] = chance.of(TEXTS)),
  (parts, chance) => {
    const at = chance.below(parts.tokens.length);
    parts.tokens[at] = parts.tokens[chance.below(parts.tokens.length)] ?? '';
  },
  (parts, chance) =>
    void parts.tokens.splice(chance.below(parts.tokens.length), chance.below(3), chance.of(TEXTS)),
  // In step with types and embedding, so that the vocabulary itself is what is looked at.
  (parts, chance) => {
    const added = 1 + chance.below(4);
    for (let i = 0; i < added; i++) {
      parts.tokens.push(`${chance.of(TEXTS)}${chance.oneIn(2) ? i : ''}`);
      parts.tokenTypes.push(chance.of([1, 3, 4, 4, 4, 5]));
    }
    for (const name of ['token_embd.weight', 'output.weight']) {
      const tensor = parts.tensors.get(name);
      if (tensor !== undefined) tensor.shape = [parts.tokens.length, 8];
    }
  },
  (parts, chance) => void (parts.tokenTypes[chance.below(parts.tokenTypes.length)] = chance.below(8) - 1),
  (parts, chance) => void parts.tokenTypes.splice(chance.below(parts.tokenTypes.length), 1),
  (parts, chance) => void (parts.merges[chance.below(parts.merges.length + 1)] = chance.of(TEXTS)),
  (parts, chance) => {
    const token = (): string => parts.tokens[chance.below(parts.tokens.length)] ?? '';
    parts.merges.push(`${token()} ${token()}`);
  },
  (parts, chance) => void (parts.alignment = Number(chance.of(EDGES) & 0x1fffffn)),
];

/** A model with some of its parts changed. */
export function generatedFile(chance: Chance): Buffer {
  const parts = modelParts(chance.oneIn(3));
  for (let left = chance.below(4); left >= 0; left--) chance.of(CHANGES)(parts, chance);
  return buildModel(parts);
}
