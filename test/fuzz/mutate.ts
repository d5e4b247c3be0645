/** Damage to a sound file: blind, and aimed at the fields of its header. */
import { EDGES, type Chance } from '../support/chance';
import type { Field } from './fields';
import type { Seed } from './seeds';

type Mutation = (bytes: Buffer, seed: Seed, chance: Chance, seeds: readonly [Seed, ...Seed[]]) => Buffer;

/** Words that mean something to the reader, and bytes that are no UTF-8. */
const WORDS: readonly [string, ...string[]] = [
  'general.architecture',
  'general.alignment',
  'qwen2',
  'llama',
  'gpt2',
  'tokenizer.ggml.tokens',
  'output.weight',
  '<|endoftext|>',
  'Ġ Ġ',
  '\0',
  '\uFFFD',
  '\uD800',
  '\xff\xfe',
  '__proto__',
  'constructor',
];

/** Mostly in the header: the reader never looks at the weights. */
const position = (bytes: Buffer, seed: Seed, chance: Chance): number =>
  chance.below(Math.max(1, Math.min(bytes.length, chance.oneIn(20) ? Infinity : seed.header.end)));

const writeNumber = (
  bytes: Buffer,
  { at, bytes: size }: Pick<Field, 'at' | 'bytes'>,
  value: bigint,
): void => {
  for (let i = 0; i < size && at + i < bytes.length; i++) {
    bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
};

const splice = (bytes: Buffer, at: number, removed: number, inserted: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);

/** What counts, lengths, types, dimensions and offsets are changed to: an edge, or a little more or less. */
const changeField: Mutation = (bytes, seed, chance) => {
  const numbers = seed.header.fields.filter(({ kind, bytes: size }) => kind !== 'text' && size <= 8);
  const field = chance.of(numbers);
  if (field === undefined || field.at + field.bytes > bytes.length) return bytes;
  let before = 0n;
  for (let i = field.bytes - 1; i >= 0; i--) before = (before << 8n) | BigInt(bytes[field.at + i] ?? 0);
  const near = before + BigInt(chance.below(17) - 8);
  writeNumber(bytes, field, chance.oneIn(2) ? near & (2n ** 64n - 1n) : chance.of(EDGES));
  return bytes;
};

const changeText: Mutation = (bytes, seed, chance) => {
  const field = chance.of(seed.header.fields.filter(({ kind }) => kind === 'text'));
  if (field === undefined) return bytes;
  const word = Buffer.from(chance.of(WORDS), chance.oneIn(4) ? 'latin1' : 'utf8');
  if (field.at + field.bytes > bytes.length) return bytes;
  // In place, or with its length, so that what follows stays in step.
  if (chance.oneIn(3)) {
    word.copy(bytes, field.at, 0, Math.min(word.length, field.bytes));
    return bytes;
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(word.length));
  return splice(bytes, field.at - 8, 8 + field.bytes, Buffer.concat([length, word]));
};

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  changeField,
  changeField,
  changeText,
  (bytes, seed, chance) => {
    const at = position(bytes, seed, chance);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
    return bytes;
  },
  (bytes, seed, chance) => {
    bytes[position(bytes, seed, chance)] = chance.below(256);
    return bytes;
  },
  (bytes, seed, chance) => {
    const field = { at: position(bytes, seed, chance), bytes: chance.of([1, 2, 4, 8]) };
    writeNumber(bytes, field, chance.of(EDGES));
    return bytes;
  },
  (bytes, seed, chance) => bytes.subarray(0, position(bytes, seed, chance)),
  (bytes, seed, chance) =>
    splice(bytes, position(bytes, seed, chance), 1 + chance.below(64), Buffer.alloc(0)),
  (bytes, seed, chance) => {
    const from = position(bytes, seed, chance);
    const copied = Buffer.from(bytes.subarray(from, from + chance.below(200)));
    return splice(
      bytes,
      position(bytes, seed, chance),
      0,
      chance.oneIn(2) ? copied : chance.bytes(chance.below(40)),
    );
  },
  // A whole entry twice, with or without its being counted.
  (bytes, seed, chance) => {
    const entry = chance.of(seed.header.entries);
    if (entry === undefined || entry.end > bytes.length) return bytes;
    const copy = Buffer.from(bytes.subarray(entry.start, entry.end));
    const counted = chance.of([8, 16, undefined]);
    if (counted !== undefined && bytes.length >= 24) {
      bytes.writeBigUInt64LE(BigInt.asUintN(64, bytes.readBigUInt64LE(counted) + 1n), counted);
    }
    return splice(bytes, entry.start, 0, copy);
  },
  // One file's beginning, another one's end.
  (bytes, seed, chance, seeds) => {
    const other = chance.of(seeds);
    const cut = chance.of(seed.header.fields)?.at ?? 0;
    const from = chance.of(other.header.fields)?.at ?? 0;
    return Buffer.concat([bytes.subarray(0, cut), other.bytes.subarray(from)]);
  },
];

/** A damaged copy of one of the seeds. */
export function mutatedFile(seeds: readonly [Seed, ...Seed[]], chance: Chance): Buffer {
  const seed = weighted(seeds, chance);
  let bytes: Buffer = Buffer.from(seed.bytes);
  for (let left = 1 + chance.below(4); left > 0; left--) {
    if (bytes.length > 0) bytes = chance.of(MUTATIONS)(bytes, seed, chance, seeds);
  }
  return bytes;
}

function weighted(seeds: readonly [Seed, ...Seed[]], chance: Chance): Seed {
  let left = chance.below(seeds.reduce((sum, { weight }) => sum + weight, 0));
  for (const seed of seeds) {
    left -= seed.weight;
    if (left < 0) return seed;
  }
  return seeds[0];
}
