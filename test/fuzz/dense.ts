/** Sound files of some megabytes that hold as many small things as fit: what costs the most memory for its size. */
import { encode, GgufBuilder, VALUE_TYPE, type EncodedValue } from '../unit/gguf/ggufBuilder';
import { smallVocab } from '../unit/tokenizer/smallVocab';
import { buildModel, modelParts } from './model';

/** Values in each array; a few megabytes. */
const MANY = 200_000;

const repeated = (type: number, value: EncodedValue, count = MANY): EncodedValue => ({
  type: VALUE_TYPE.array,
  bytes: Buffer.concat([
    encode.array(type, [], count).bytes,
    Buffer.alloc(value.bytes.length * count, value.bytes),
  ]),
});

const single = (value: EncodedValue): Buffer => new GgufBuilder().metadata('a', value).build();

const strings = (text: (index: number) => string): EncodedValue =>
  encode.strings(Array.from({ length: MANY }, (_, index) => text(index)));

/** Three characters of its own for each number, none of them a byte's. */
const short = (index: number): string =>
  String.fromCharCode(0x3400 + (index % 64), 0x3440 + ((index >> 6) % 64), 0x3480 + (index >> 12));

/** Name and maker of each; they are large, so that only one exists at a time. */
export const DENSE_FILES: Readonly<Record<string, () => Buffer>> = {
  'empty strings': () => single(repeated(VALUE_TYPE.string, encode.string(''))),
  'strings of one character': () => single(repeated(VALUE_TYPE.string, encode.string('x'))),
  'different short strings': () => single(strings((index) => index.toString(36))),
  'different strings of two-byte characters': () => single(strings(short)),
  'one long string': () => single(encode.string('x'.repeat(8 * 1024 * 1024))),
  'one long string of two-byte characters': () => single(encode.string('世'.repeat(1024 * 1024))),
  booleans: () => single(repeated(VALUE_TYPE.boolean, encode.boolean(true), 4_000_000)),
  bytes: () => single(repeated(VALUE_TYPE.uint8, encode.uint8(1), 4_000_000)),
  doubles: () => single(repeated(VALUE_TYPE.float64, encode.float64(0.1))),
  'small 64-bit integers': () => single(repeated(VALUE_TYPE.uint64, encode.uint64(5n))),
  'large 64-bit integers': () => single(repeated(VALUE_TYPE.int64, encode.int64(-(2n ** 62n)))),
  'empty arrays': () => single(repeated(VALUE_TYPE.array, encode.array(VALUE_TYPE.uint8, []))),
  'arrays of one string': () =>
    single(repeated(VALUE_TYPE.array, encode.array(VALUE_TYPE.string, [encode.string('x')]))),
  entries: () => {
    const builder = new GgufBuilder();
    for (let i = 0; i < 65_536; i++) builder.metadata(i.toString(36), encode.uint8(1));
    return builder.build();
  },
  tensors: () => {
    const builder = new GgufBuilder();
    for (let i = 0; i < 65_536; i++) builder.tensor(i.toString(36), [1], 'F32');
    return builder.build();
  },
  'a large vocabulary of short tokens': () => largeVocabulary(50_000),
};

/** A model with so many more tokens, each the result of a merge. */
function largeVocabulary(added: number): Buffer {
  const parts = modelParts(true);
  const { tokens } = smallVocab();
  const characters = tokens.slice(0, 256);
  const known = new Set(parts.tokens);
  const merges: string[] = [];
  for (let i = 0; merges.length < added; i++) {
    const left = characters[i % 256] ?? '';
    const right = characters[(i >> 8) % 256] ?? '';
    if (known.has(left + right)) continue;
    known.add(left + right);
    merges.push(`${left} ${right}`);
  }
  parts.merges.push(...merges);
  parts.tokens.push(...merges.map((merge) => merge.replace(' ', '')));
  parts.tokenTypes.push(...merges.map(() => 1));
  const embedding = parts.tensors.get('token_embd.weight');
  if (embedding !== undefined) embedding.shape = [parts.tokens.length, 8];
  return buildModel(parts, Infinity);
}
