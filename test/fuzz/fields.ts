/**
 * Where the fields of a sound GGUF header stand. Written apart from the product's reader, so that a mistake there does
 * not hide itself here.
 */

export type FieldKind = 'count' | 'length' | 'type' | 'dimension' | 'offset' | 'value' | 'text';

export interface Field {
  readonly kind: FieldKind;
  /** First byte. */
  readonly at: number;
  readonly bytes: number;
}

export interface HeaderMap {
  readonly fields: readonly Field[];
  /** First and last byte + 1 of each whole entry: metadata, then tensors. */
  readonly entries: readonly { readonly start: number; readonly end: number }[];
  /** First byte behind the header. */
  readonly end: number;
}

/** Bytes of the value types by their number; 8 is a string, 9 an array. */
const SIZES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** @throws RangeError where the header is not sound */
export function mapHeader(file: Buffer): HeaderMap {
  const fields: Field[] = [];
  const entries: { start: number; end: number }[] = [];
  let at = 4;
  const field = (kind: FieldKind, bytes: number): number => {
    fields.push({ kind, at, bytes });
    at += bytes;
    return at - bytes;
  };
  const u32 = (kind: FieldKind): number => file.readUInt32LE(field(kind, 4));
  const u64 = (kind: FieldKind): number => Number(file.readBigUInt64LE(field(kind, 8)));
  const text = (): void => void field('text', u64('length'));
  const value = (type: number): void => {
    if (type === 8) return text();
    if (type !== 9) return void field('value', SIZES[type] ?? 0);
    const element = u32('type');
    const length = u64('length');
    if (element === 8 || element === 9) for (let i = 0; i < length; i++) value(element);
    else field('value', (SIZES[element] ?? 0) * length);
  };

  u32('type');
  const tensors = u64('count');
  const metadata = u64('count');
  for (let i = 0; i < metadata; i++) {
    const start = at;
    text();
    value(u32('type'));
    entries.push({ start, end: at });
  }
  for (let i = 0; i < tensors; i++) {
    const start = at;
    text();
    const dimensions = u32('count');
    for (let d = 0; d < dimensions; d++) u64('dimension');
    u32('type');
    u64('offset');
    entries.push({ start, end: at });
  }
  return { fields, entries, end: at };
}
