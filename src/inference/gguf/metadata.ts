import { corrupt, quoted } from './ggufErrors';

/** Numeric arrays keep the file's element type; 64-bit integers become doubles where all are safe. */
export type NumberArray =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/**
 * An array whose elements were checked and dropped: booleans, nested arrays, 64-bit integers beyond 2^53. Nothing
 * in the engine reads such a one, and keeping it would cost many times its size in the file.
 */
export class OpaqueArray {
  constructor(
    readonly elementType: string,
    readonly length: number,
  ) {}
}

/** 64-bit integers are numbers where safe, else bigints. */
export type MetadataValue =
  string | number | bigint | boolean | readonly string[] | NumberArray | OpaqueArray;

/**
 * The key-value part of a GGUF header. Each getter names the key when the value is not what the caller needs;
 * an `optional` getter takes absence as `undefined`, and a wrong type still as damage.
 */
export class GgufMetadata {
  readonly #values: ReadonlyMap<string, MetadataValue>;

  constructor(values: ReadonlyMap<string, MetadataValue>) {
    this.#values = values;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** @throws EngineError `model-corrupt` if absent or no string */
  string(key: string): string {
    return present(key, this.optionalString(key));
  }

  /** Any integer or float type. @throws EngineError `model-corrupt` if absent, no number, or beyond 2^53 */
  number(key: string): number {
    return present(key, this.optionalNumber(key));
  }

  /** @throws EngineError `model-corrupt` if absent or no boolean */
  boolean(key: string): boolean {
    return present(key, this.optionalBoolean(key));
  }

  /** @throws EngineError `model-corrupt` if absent or no array of strings */
  strings(key: string): readonly string[] {
    return present(key, this.optionalStrings(key));
  }

  /** @throws EngineError `model-corrupt` if absent or no array of numbers */
  numbers(key: string): NumberArray {
    return present(key, this.optionalNumbers(key));
  }

  /** @throws EngineError `model-corrupt` if there and no string */
  optionalString(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongType(key, value, 'a string');
  }

  /** @throws EngineError `model-corrupt` if there and no number, or beyond 2^53 */
  optionalNumber(key: string): number | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === 'number') return value;
    throw wrongType(key, value, 'a number');
  }

  /** @throws EngineError `model-corrupt` if there and no boolean */
  optionalBoolean(key: string): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongType(key, value, 'a boolean');
  }

  /** @throws EngineError `model-corrupt` if there and no array of strings */
  optionalStrings(key: string): readonly string[] | undefined {
    const value = this.#values.get(key);
    if (value === undefined || isStrings(value)) return value;
    throw wrongType(key, value, 'an array of strings');
  }

  /** @throws EngineError `model-corrupt` if there and no array of numbers */
  optionalNumbers(key: string): NumberArray | undefined {
    const value = this.#values.get(key);
    if (value === undefined || isNumbers(value)) return value;
    throw wrongType(key, value, 'an array of numbers');
  }
}

function isStrings(value: MetadataValue): value is readonly string[] {
  return Array.isArray(value);
}

function isNumbers(value: MetadataValue): value is NumberArray {
  return ArrayBuffer.isView(value);
}

function present<T>(key: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw corrupt(`The model file lacks the metadata ${quoted(key)}.`, { key });
}

function wrongType(key: string, value: MetadataValue, wanted: string): Error {
  const found = describe(value);
  return corrupt(`The model file’s metadata ${quoted(key)} is ${found} instead of ${wanted}.`, {
    key,
    found,
  });
}

function describe(value: MetadataValue): string {
  if (typeof value === 'bigint') return 'an integer beyond 2^53';
  if (value instanceof OpaqueArray) return `an array of ${value.elementType}`;
  if (isStrings(value)) return 'an array of strings';
  if (isNumbers(value)) return 'an array of numbers';
  return `a ${typeof value}`;
}
