import { corrupt, quoted } from './ggufErrors';
import type { HeaderReader } from './headerReader';
import { OpaqueArray, type MetadataValue, type NumberArray } from './metadata';

/** The specification's limit. */
const MAX_KEY_BYTES = 65_535;
/** Some files carry a whole tokenizer.json (up to 20 MB) or a chat template (some KB) as one string. */
const MAX_STRING_BYTES = 32 * 1024 * 1024;
/** The largest vocabularies have 256 thousand tokens and half a million merges. */
const MAX_ARRAY_ELEMENTS = 4 * 1024 * 1024;
/** Real files have none at all; the recursion has to end somewhere. */
const MAX_ARRAY_DEPTH = 4;
/** Each takes a promise and its surroundings, a hundred times the bytes that it may have in the file. */
const MAX_NESTED_ARRAYS = 4096;

/** Value types by their number in the file; `bytes` is the least that one value takes. */
const VALUE_TYPES = [
  { name: 'uint8', bytes: 1 },
  { name: 'int8', bytes: 1 },
  { name: 'uint16', bytes: 2 },
  { name: 'int16', bytes: 2 },
  { name: 'uint32', bytes: 4 },
  { name: 'int32', bytes: 4 },
  { name: 'float32', bytes: 4 },
  { name: 'boolean', bytes: 1 },
  { name: 'string', bytes: 8 },
  { name: 'array', bytes: 12 },
  { name: 'uint64', bytes: 8 },
  { name: 'int64', bytes: 8 },
  { name: 'float64', bytes: 8 },
] as const;

type ValueType = (typeof VALUE_TYPES)[number];

/** Bytes that the shortest entry takes: a key of one byte, its length, the type, a value of one byte. */
export const MIN_ENTRY_BYTES = 8 + 1 + 4 + 1;

/**
 * Reads `count` key-value entries of a GGUF header (format: ggml's docs/gguf.md).
 *
 * @throws EngineError `model-corrupt` for a repeated key, an unknown value type, or a length that the file cannot hold
 */
export async function readMetadata(reader: HeaderReader, count: number): Promise<Map<string, MetadataValue>> {
  const values = new Map<string, MetadataValue>();
  const nested: NestedArrays = { left: MAX_NESTED_ARRAYS };
  for (let i = 0; i < count; i++) {
    const key = reader.stringInWindow(MAX_KEY_BYTES) ?? (await readString(reader, MAX_KEY_BYTES));
    if (key === '') throw corrupt('The model file is damaged: a metadata key is empty.');
    if (values.has(key)) throw corrupt(`The model file is damaged: metadata ${quoted(key)} is there twice.`);
    if (!reader.has(4)) await reader.fill(4);
    const type = takeType(reader);
    if (type.name === 'string') values.set(key, await readString(reader, MAX_STRING_BYTES));
    else if (type.name === 'array') values.set(key, await readArray(reader, 1, nested));
    else {
      if (!reader.has(type.bytes)) await reader.fill(type.bytes);
      values.set(key, takeScalar(reader, type.name));
    }
  }
  return values;
}

/** How many arrays within arrays a header may still have. */
interface NestedArrays {
  left: number;
}

/**
 * Reads a string with its length before it.
 *
 * @throws EngineError `model-corrupt` if it is longer than `maxBytes` or than the file, or not UTF-8
 */
export async function readString(reader: HeaderReader, maxBytes: number): Promise<string> {
  const text = reader.stringInWindow(maxBytes);
  if (text !== undefined) return text;
  if (!reader.has(8)) await reader.fill(8);
  const bytes = reader.u64AsNumber();
  reader.requireBytes(bytes);
  if (bytes > maxBytes) {
    throw corrupt(`The model file is damaged: a text of ${bytes} bytes where at most ${maxBytes} can be.`);
  }
  await reader.fill(bytes);
  return reader.utf8(bytes);
}

/** The next four bytes, which must be in the window, as a type. */
function takeType(reader: HeaderReader): ValueType {
  const number = reader.u32();
  const type = VALUE_TYPES[number];
  if (type === undefined) {
    throw corrupt(
      `The model file is damaged: unknown metadata type ${number} before byte ${reader.position}.`,
    );
  }
  return type;
}

/** The next value, which must be in the window. */
function takeScalar(
  reader: HeaderReader,
  type: Exclude<ValueType['name'], 'string' | 'array'>,
): MetadataValue {
  switch (type) {
    case 'uint8':
      return reader.u8();
    case 'int8':
      return reader.i8();
    case 'uint16':
      return reader.u16();
    case 'int16':
      return reader.i16();
    case 'uint32':
      return reader.u32();
    case 'int32':
      return reader.i32();
    case 'float32':
      return reader.f32();
    case 'float64':
      return reader.f64();
    case 'boolean':
      return readBoolean(reader);
    case 'uint64':
      return numberWhereSafe(reader.u64());
    case 'int64':
      return numberWhereSafe(reader.i64());
  }
}

function readBoolean(reader: HeaderReader): boolean {
  const byte = reader.u8();
  if (byte > 1)
    throw corrupt(`The model file is damaged: ${byte} is no boolean before byte ${reader.position}.`);
  return byte === 1;
}

function numberWhereSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

async function readArray(
  reader: HeaderReader,
  depth: number,
  nested: NestedArrays,
): Promise<readonly string[] | NumberArray | OpaqueArray> {
  if (!reader.has(12)) await reader.fill(12);
  const type = takeType(reader);
  const length = reader.u64AsNumber();
  reader.requireBytes(length * type.bytes);
  if (length > MAX_ARRAY_ELEMENTS) {
    throw corrupt(
      `The model file is damaged: an array of ${length} values, at most ${MAX_ARRAY_ELEMENTS} can be.`,
    );
  }
  switch (type.name) {
    case 'string':
      return readStrings(reader, length);
    case 'array':
      return skipNestedArrays(reader, length, depth, nested);
    case 'boolean':
      return skipBooleans(reader, length);
    case 'uint64':
    case 'int64':
      return readLongs(reader, length, type.name);
    default:
      return readNumbers(reader, length, type.name);
  }
}

async function readStrings(reader: HeaderReader, length: number): Promise<readonly string[]> {
  const strings = new Array<string>(length);
  for (let i = 0; i < length; i++) {
    strings[i] = reader.stringInWindow(MAX_STRING_BYTES) ?? (await readString(reader, MAX_STRING_BYTES));
  }
  return strings;
}

type NumberType = Exclude<ValueType['name'], 'string' | 'array' | 'boolean' | 'uint64' | 'int64'>;

/** The bytes are taken as they are: every platform that the native library runs on is little-endian. */
async function readNumbers(reader: HeaderReader, length: number, type: NumberType): Promise<NumberArray> {
  const numbers = emptyNumbers(type, length);
  await reader.bytes(new Uint8Array(numbers.buffer));
  return numbers;
}

function emptyNumbers(type: NumberType, length: number): NumberArray {
  switch (type) {
    case 'uint8':
      return new Uint8Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
  }
}

/** Made into doubles where they stand, two halves at a time: a bigint for each would take many times its bytes. */
async function readLongs(
  reader: HeaderReader,
  length: number,
  type: 'uint64' | 'int64',
): Promise<Float64Array | OpaqueArray> {
  const numbers = new Float64Array(length);
  const halves = new Uint32Array(numbers.buffer);
  await reader.bytes(new Uint8Array(numbers.buffer));
  for (let i = 0; i < length; i++) {
    const low = halves[2 * i] ?? 0;
    const high = halves[2 * i + 1] ?? 0;
    const value = (type === 'int64' ? high | 0 : high) * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) return new OpaqueArray(`${type} beyond 2^53`, length);
    numbers[i] = value;
  }
  return numbers;
}

async function skipBooleans(reader: HeaderReader, length: number): Promise<OpaqueArray> {
  for (let i = 0; i < length; i++) {
    if (!reader.has(1)) await reader.fill(1);
    readBoolean(reader);
  }
  return new OpaqueArray('booleans', length);
}

async function skipNestedArrays(
  reader: HeaderReader,
  length: number,
  depth: number,
  nested: NestedArrays,
): Promise<OpaqueArray> {
  if (depth === MAX_ARRAY_DEPTH) {
    throw corrupt(`The model file is damaged: arrays nested deeper than ${MAX_ARRAY_DEPTH}.`);
  }
  nested.left -= length;
  if (nested.left < 0) {
    throw corrupt(`The model file is damaged: more than ${MAX_NESTED_ARRAYS} arrays within arrays.`);
  }
  for (let i = 0; i < length; i++) await readArray(reader, depth + 1, nested);
  return new OpaqueArray('arrays', length);
}
