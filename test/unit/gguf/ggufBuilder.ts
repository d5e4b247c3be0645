import { bytesOf } from '../../../src/inference/gguf/dequantize';
import type { ByteSource } from '../../../src/inference/gguf/headerReader';
import type { TensorType } from '../../../src/inference/gguf/types';

/** Numbers of the value types in a GGUF. */
export const VALUE_TYPE = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  boolean: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** Numbers of the tensor types that the engine reads. */
const TENSOR_TYPE: Readonly<Record<TensorType, number>> = {
  F32: 0,
  F16: 1,
  Q5_0: 6,
  Q8_0: 8,
  Q4_K: 12,
  Q6_K: 14,
};

/** A metadata value as it stands in the file. */
export interface EncodedValue {
  readonly type: number;
  readonly bytes: Buffer;
}

const bytesFrom = (size: number, write: (buffer: Buffer) => void): Buffer => {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
};

const u32 = (value: number) => bytesFrom(4, (b) => b.writeUInt32LE(value));
const u64 = (value: number | bigint) => bytesFrom(8, (b) => b.writeBigUInt64LE(BigInt(value)));
const text = (value: string | Uint8Array) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
};

const number =
  (type: number, size: number, write: (buffer: Buffer, value: number) => void) =>
  (value: number): EncodedValue => ({ type, bytes: bytesFrom(size, (buffer) => write(buffer, value)) });

/** Bytes stand for themselves, also where they are not UTF-8. */
const string = (value: string | Uint8Array): EncodedValue => ({
  type: VALUE_TYPE.string,
  bytes: text(value),
});

/** `claimedLength` is for files that lie. */
const array = (
  type: number,
  values: readonly EncodedValue[],
  claimedLength: number | bigint = values.length,
): EncodedValue => ({
  type: VALUE_TYPE.array,
  bytes: Buffer.concat([u32(type), u64(claimedLength), ...values.map(({ bytes }) => bytes)]),
});

/** Encoders for metadata values: `metadata('key', encode.uint32(3))`. */
export const encode = {
  uint8: number(VALUE_TYPE.uint8, 1, (b, value) => b.writeUInt8(value)),
  int8: number(VALUE_TYPE.int8, 1, (b, value) => b.writeInt8(value)),
  uint16: number(VALUE_TYPE.uint16, 2, (b, value) => b.writeUInt16LE(value)),
  int16: number(VALUE_TYPE.int16, 2, (b, value) => b.writeInt16LE(value)),
  uint32: number(VALUE_TYPE.uint32, 4, (b, value) => b.writeUInt32LE(value)),
  int32: number(VALUE_TYPE.int32, 4, (b, value) => b.writeInt32LE(value)),
  float32: number(VALUE_TYPE.float32, 4, (b, value) => b.writeFloatLE(value)),
  float64: number(VALUE_TYPE.float64, 8, (b, value) => b.writeDoubleLE(value)),
  boolean: (value: boolean): EncodedValue => ({
    type: VALUE_TYPE.boolean,
    bytes: Buffer.from([value ? 1 : 0]),
  }),
  uint64: (value: number | bigint): EncodedValue => ({ type: VALUE_TYPE.uint64, bytes: u64(value) }),
  int64: (value: number | bigint): EncodedValue => ({
    type: VALUE_TYPE.int64,
    bytes: bytesFrom(8, (b) => b.writeBigInt64LE(BigInt(value))),
  }),
  string,
  strings: (values: readonly string[]): EncodedValue => array(VALUE_TYPE.string, values.map(string)),
  array,
};

interface TensorEntry {
  readonly name: string | Uint8Array;
  readonly shape: readonly (number | bigint)[];
  readonly typeNumber: number;
  readonly data: Uint8Array;
  readonly offset: number | bigint | undefined;
}

export interface TensorOptions {
  /** Default: zeros, as many as the shape needs. */
  readonly data?: Uint8Array;
  /** In place of `type`: any number. Needs `data`. */
  readonly typeNumber?: number;
  /** Default: the next aligned one. */
  readonly offset?: number | bigint;
}

export interface BuildOptions {
  readonly magic?: string;
  readonly version?: number;
  readonly tensorCount?: number | bigint;
  readonly metadataCount?: number | bigint;
  /** Of offsets and of the data's start; has no effect on the metadata. */
  readonly alignment?: number;
}

/** Puts GGUF files together in memory, right ones and wrong ones. */
export class GgufBuilder {
  readonly #metadata: { key: string; value: EncodedValue }[] = [];
  readonly #tensors: TensorEntry[] = [];

  metadata(key: string, value: EncodedValue): this {
    this.#metadata.push({ key, value });
    return this;
  }

  /** @param shape outermost first, as in `GgufTensor` */
  tensor(
    name: string | Uint8Array,
    shape: readonly (number | bigint)[],
    type: TensorType,
    options: TensorOptions = {},
  ): this {
    const elements = () => shape.reduce<number>((product, size) => product * Number(size), 1);
    this.#tensors.push({
      name,
      shape,
      typeNumber: options.typeNumber ?? TENSOR_TYPE[type],
      data: options.data ?? new Uint8Array(bytesOf(type, elements())),
      offset: options.offset,
    });
    return this;
  }

  build(options: BuildOptions = {}): Buffer {
    const alignment = options.alignment ?? 32;
    const header: Buffer[] = [
      Buffer.from(options.magic ?? 'GGUF', 'latin1'),
      u32(options.version ?? 3),
      u64(options.tensorCount ?? this.#tensors.length),
      u64(options.metadataCount ?? this.#metadata.length),
      ...this.#metadata.flatMap(({ key, value }) => [text(key), u32(value.type), value.bytes]),
    ];
    const data: Buffer[] = [];
    let next = 0;
    for (const tensor of this.#tensors) {
      header.push(
        text(tensor.name),
        u32(tensor.shape.length),
        ...[...tensor.shape].reverse().map(u64),
        u32(tensor.typeNumber),
        u64(tensor.offset ?? next),
      );
      data.push(Buffer.from(tensor.data), padding(tensor.data.length, alignment));
      next += tensor.data.length + padding(tensor.data.length, alignment).length;
    }
    const start = Buffer.concat(header);
    return Buffer.concat([
      start,
      this.#tensors.length === 0 ? Buffer.alloc(0) : padding(start.length, alignment),
      ...data,
    ]);
  }
}

function padding(length: number, alignment: number): Buffer {
  return Buffer.alloc((alignment - (length % alignment)) % alignment);
}

/** Bytes in memory as a file, handing out at most `maxRead` per read. */
export function memorySource(bytes: Uint8Array, maxRead = Infinity): ByteSource {
  return {
    size: bytes.length,
    read: async (target, position) => {
      const part = bytes.subarray(position, position + Math.min(target.length, maxRead));
      target.set(part);
      return part.length;
    },
  };
}

/** A qwen2 model too small to be of use: 2 blocks, 64 wide, 4 heads, 2 KV heads, 96 in the feed-forward part, 40 tokens. */
export interface TinyQwen2 {
  readonly metadata: Map<string, EncodedValue>;
  readonly tensors: Map<string, { shape: readonly number[]; type: TensorType }>;
}

/** The parts of that model, to be changed and then put together by `buildTiny`. */
export function tinyQwen2(): TinyQwen2 {
  const metadata = new Map<string, EncodedValue>([
    ['general.architecture', encode.string('qwen2')],
    ['general.name', encode.string('Tiny')],
    ['qwen2.block_count', encode.uint32(2)],
    ['qwen2.context_length', encode.uint32(256)],
    ['qwen2.embedding_length', encode.uint32(64)],
    ['qwen2.feed_forward_length', encode.uint32(96)],
    ['qwen2.attention.head_count', encode.uint32(4)],
    ['qwen2.attention.head_count_kv', encode.uint32(2)],
    ['qwen2.rope.freq_base', encode.float32(1_000_000)],
    ['qwen2.attention.layer_norm_rms_epsilon', encode.float32(2 ** -20)],
    ['tokenizer.ggml.tokens', encode.strings(Array.from({ length: 40 }, (_, i) => `t${i}`))],
  ]);
  const tensors: TinyQwen2['tensors'] = new Map([
    ['token_embd.weight', { shape: [40, 64], type: 'Q8_0' }],
    ['output_norm.weight', { shape: [64], type: 'F32' }],
    ['output.weight', { shape: [40, 64], type: 'Q8_0' }],
  ]);
  for (const block of ['blk.0', 'blk.1']) {
    for (const norm of ['attn_norm', 'ffn_norm'])
      tensors.set(`${block}.${norm}.weight`, { shape: [64], type: 'F32' });
    for (const [part, rows] of [
      ['attn_q', 64],
      ['attn_k', 32],
      ['attn_v', 32],
    ] as const) {
      tensors.set(`${block}.${part}.weight`, { shape: [rows, 64], type: 'Q5_0' });
      tensors.set(`${block}.${part}.bias`, { shape: [rows], type: 'F32' });
    }
    tensors.set(`${block}.attn_output.weight`, { shape: [64, 64], type: 'Q5_0' });
    tensors.set(`${block}.ffn_gate.weight`, { shape: [96, 64], type: 'Q5_0' });
    tensors.set(`${block}.ffn_up.weight`, { shape: [96, 64], type: 'Q5_0' });
    tensors.set(`${block}.ffn_down.weight`, { shape: [64, 96], type: 'Q8_0' });
  }
  return { metadata, tensors };
}

/** The file of a `TinyQwen2`; all its weights are zero. */
export function buildTiny({ metadata, tensors }: TinyQwen2): Buffer {
  const builder = new GgufBuilder();
  for (const [key, value] of metadata) builder.metadata(key, value);
  for (const [name, { shape, type }] of tensors) builder.tensor(name, shape, type);
  return builder.build();
}
