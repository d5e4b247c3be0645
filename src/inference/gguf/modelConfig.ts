import { corrupt, quoted, unsupported } from './ggufErrors';
import type { GgufMetadata } from './metadata';
import type { GgufFile } from './readGguf';
import type { TensorType } from './types';

/** The hyper-parameters of a qwen2 model, checked against each other and against its tensors. */
export interface ModelConfig {
  readonly architecture: 'qwen2';
  /** For people; the file's own name for itself. */
  readonly name: string;
  readonly blockCount: number;
  readonly hiddenSize: number;
  /** Query heads; a multiple of `kvHeadCount`. */
  readonly headCount: number;
  readonly kvHeadCount: number;
  /** `hiddenSize / headCount`, even. */
  readonly headDim: number;
  readonly feedForwardSize: number;
  /** Rows of the embedding, padding included. */
  readonly vocabSize: number;
  /** Tokens the model was trained for. */
  readonly contextLength: number;
  readonly rmsEpsilon: number;
  readonly ropeTheta: number;
  /** The embedding serves as output matrix too: `output.weight` is absent. */
  readonly tiedEmbeddings: boolean;
}

const ARCHITECTURE = 'qwen2';

/**
 * Upper bounds, two to eight times those of the largest qwen2 model (72B: 80 blocks, 8192 wide, 64 heads, 29,568
 * in the feed-forward part, 152,064 tokens, contexts up to one million). They keep sizes computed from damaged
 * numbers harmless.
 */
const MAX_BLOCKS = 256;
const MAX_HIDDEN_SIZE = 32_768;
const MAX_HEADS = 256;
const MAX_HEAD_DIM = 512;
const MAX_FEED_FORWARD_SIZE = 131_072;
const MAX_VOCAB_SIZE = 1_048_576;
const MAX_CONTEXT_LENGTH = 8_388_608;
/** In use: 1e-6 and 1e-5. */
const MAX_RMS_EPSILON = 0.01;
/** In use: 1e4 to 1e7. */
const MAX_ROPE_THETA = 1e10;
/** What the format assumes where the key is absent. */
const DEFAULT_ROPE_THETA = 10_000;

/** Norms and biases are added or multiplied element by element; exporters leave them unquantised. */
const VECTOR_TYPES: readonly TensorType[] = ['F32', 'F16'];

/**
 * Reads the hyper-parameters and checks that the file holds exactly the tensors that the graph computes with.
 *
 * @throws EngineError `model-unsupported` if the model computes something that this engine does not (architecture,
 * rope scaling, split file, unknown tensors); `model-corrupt` if numbers are absent, implausible or contradictory,
 * or tensors are missing or of the wrong shape
 */
export function readModelConfig(file: GgufFile): ModelConfig {
  const { metadata } = file;
  checkArchitecture(metadata);
  checkRopeScaling(metadata);
  const hiddenSize = integer(metadata, 'qwen2.embedding_length', MAX_HIDDEN_SIZE);
  const headCount = integer(metadata, 'qwen2.attention.head_count', MAX_HEADS);
  const kvKey = 'qwen2.attention.head_count_kv';
  const config: ModelConfig = {
    architecture: ARCHITECTURE,
    name:
      metadata.optionalString('general.name') ?? metadata.optionalString('general.basename') ?? 'qwen2 model',
    blockCount: integer(metadata, 'qwen2.block_count', MAX_BLOCKS),
    hiddenSize,
    headCount,
    kvHeadCount: metadata.has(kvKey) ? integer(metadata, kvKey, MAX_HEADS) : headCount,
    headDim: hiddenSize / headCount,
    feedForwardSize: integer(metadata, 'qwen2.feed_forward_length', MAX_FEED_FORWARD_SIZE),
    vocabSize: readVocabSize(file),
    contextLength: integer(metadata, 'qwen2.context_length', MAX_CONTEXT_LENGTH),
    rmsEpsilon: real(metadata, 'qwen2.attention.layer_norm_rms_epsilon', undefined, MAX_RMS_EPSILON),
    ropeTheta: real(metadata, 'qwen2.rope.freq_base', DEFAULT_ROPE_THETA, MAX_ROPE_THETA),
    tiedEmbeddings: !file.tensors.has('output.weight'),
  };
  checkHeads(config, metadata);
  checkTensors(config, file);
  return config;
}

function checkArchitecture(metadata: GgufMetadata): void {
  const architecture = metadata.string('general.architecture');
  if (architecture !== ARCHITECTURE) {
    throw unsupported(
      `This engine runs Qwen2 and Qwen2.5 models (architecture ${ARCHITECTURE}); this file holds the architecture ` +
        `${quoted(architecture)}.`,
      { architecture: quoted(architecture) },
    );
  }
  const parts = metadata.optionalNumber('split.count') ?? 1;
  if (parts > 1) {
    throw unsupported(`This model is split into ${parts} files; only models in one file can be read.`, {
      parts,
    });
  }
}

function checkRopeScaling(metadata: GgufMetadata): void {
  const type = metadata.optionalString('qwen2.rope.scaling.type') ?? 'none';
  if (type !== 'none') {
    throw unsupported(
      `This model scales its rotary positions (${quoted(type)}), which this engine does not do.`,
    );
  }
  if (metadata.has('qwen2.rope.scaling.type')) return;
  // A factor without a type means linear scaling; the second key is its older name.
  for (const key of ['qwen2.rope.scaling.factor', 'qwen2.rope.scale_linear']) {
    const factor = metadata.optionalNumber(key) ?? 1;
    if (factor !== 1 && factor !== 0) {
      throw unsupported(
        `This model scales its rotary positions (${key} ${factor}), which this engine does not do.`,
      );
    }
  }
}

function checkHeads(config: ModelConfig, metadata: GgufMetadata): void {
  const { hiddenSize, headCount, kvHeadCount, headDim } = config;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0 || headDim > MAX_HEAD_DIM) {
    throw corrupt(`The model file is damaged: ${headCount} heads do not share ${hiddenSize} values evenly.`);
  }
  if (headCount % kvHeadCount !== 0) {
    throw corrupt(
      `The model file is damaged: ${kvHeadCount} key-value heads do not divide ${headCount} heads.`,
    );
  }
  for (const name of ['attention.key_length', 'attention.value_length', 'rope.dimension_count']) {
    const stated = metadata.optionalNumber(`${ARCHITECTURE}.${name}`) ?? headDim;
    if (stated !== headDim) {
      throw unsupported(
        `This model’s ${name} is ${stated}; this engine needs it to be ${headDim}, its head size.`,
      );
    }
  }
}

/** Rows of the embedding; the vocabulary's length, where both are known, has to be the same. */
function readVocabSize(file: GgufFile): number {
  const embedding = file.tensors.get('token_embd.weight');
  if (embedding === undefined) throw missingTensor('token_embd.weight');
  const rows = embedding.shape[0] ?? 0;
  if (rows > MAX_VOCAB_SIZE) throw implausible('vocabulary size', rows, MAX_VOCAB_SIZE);
  const stated = [
    file.metadata.optionalNumber('qwen2.vocab_size'),
    file.metadata.optionalStrings('tokenizer.ggml.tokens')?.length,
  ];
  for (const count of stated) {
    if (count !== undefined && count !== rows) {
      throw corrupt(`The model file is damaged: ${count} tokens, but the embedding has ${rows} rows.`);
    }
  }
  return rows;
}

function integer(metadata: GgufMetadata, key: string, limit: number): number {
  const value = metadata.number(key);
  if (Number.isInteger(value) && value >= 1 && value <= limit) return value;
  throw implausible(key, value, limit);
}

function real(metadata: GgufMetadata, key: string, fallback: number | undefined, limit: number): number {
  const value = fallback === undefined ? metadata.number(key) : (metadata.optionalNumber(key) ?? fallback);
  if (value > 0 && value <= limit) return value;
  throw implausible(key, value, limit);
}

function implausible(key: string, value: number, limit: number): Error {
  return corrupt(
    `The model file is damaged: its ${key} is ${value}; above 0 and at most ${limit} would be plausible.`,
  );
}

interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly types?: readonly TensorType[];
}

/** Every tensor that the graph computes with. */
function expectedTensors(config: ModelConfig): Map<string, ExpectedTensor> {
  const { hiddenSize, feedForwardSize, vocabSize, kvHeadCount, headDim } = config;
  const kvSize = kvHeadCount * headDim;
  const matrix = (rows: number, columns: number): ExpectedTensor => ({ shape: [rows, columns] });
  const vector = (size: number): ExpectedTensor => ({ shape: [size], types: VECTOR_TYPES });
  const expected = new Map<string, ExpectedTensor>([
    ['token_embd.weight', matrix(vocabSize, hiddenSize)],
    ['output_norm.weight', vector(hiddenSize)],
  ]);
  if (!config.tiedEmbeddings) expected.set('output.weight', matrix(vocabSize, hiddenSize));
  for (let block = 0; block < config.blockCount; block++) {
    const add = (part: string, tensor: ExpectedTensor) => expected.set(`blk.${block}.${part}`, tensor);
    add('attn_norm.weight', vector(hiddenSize));
    add('attn_q.weight', matrix(hiddenSize, hiddenSize));
    add('attn_q.bias', vector(hiddenSize));
    add('attn_k.weight', matrix(kvSize, hiddenSize));
    add('attn_k.bias', vector(kvSize));
    add('attn_v.weight', matrix(kvSize, hiddenSize));
    add('attn_v.bias', vector(kvSize));
    add('attn_output.weight', matrix(hiddenSize, hiddenSize));
    add('ffn_norm.weight', vector(hiddenSize));
    add('ffn_gate.weight', matrix(feedForwardSize, hiddenSize));
    add('ffn_up.weight', matrix(feedForwardSize, hiddenSize));
    add('ffn_down.weight', matrix(hiddenSize, feedForwardSize));
  }
  return expected;
}

function checkTensors(config: ModelConfig, { tensors }: GgufFile): void {
  const expected = expectedTensors(config);
  for (const [name, { shape, types }] of expected) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw missingTensor(name);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw corrupt(
        `The model file is damaged: tensor ${name} has the shape [${tensor.shape.join(', ')}] instead of ` +
          `[${shape.join(', ')}].`,
      );
    }
    if (types?.includes(tensor.type) === false) {
      throw unsupported(
        `Tensor ${name} has the type ${tensor.type}; this engine needs ${types.join(' or ')}.`,
      );
    }
  }
  for (const name of tensors.keys()) {
    // A tensor that is left out of the computation (a bias, an adapter) would change the model without a word.
    if (!expected.has(name))
      throw unsupported(`This model has a tensor this engine does not know: ${quoted(name)}.`);
  }
}

function missingTensor(name: string): Error {
  return corrupt(`The model file lacks the tensor ${name}.`, { tensor: name });
}
