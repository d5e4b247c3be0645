import { corrupt } from './ggufErrors';
import type { TensorType } from './types';

/** Elements per quantisation block and the bytes that one block takes. */
export interface BlockSize {
  readonly elements: number;
  readonly bytes: number;
}

export const BLOCK_SIZES: Readonly<Record<TensorType, BlockSize>> = {
  F32: { elements: 1, bytes: 4 },
  F16: { elements: 1, bytes: 2 },
  Q8_0: { elements: 32, bytes: 34 },
  Q5_0: { elements: 32, bytes: 22 },
  Q4_K: { elements: 256, bytes: 144 },
  Q6_K: { elements: 256, bytes: 210 },
};

/**
 * Bytes that `elements` values of a type take in the file.
 *
 * @throws EngineError `model-corrupt` unless `elements` is a whole number of blocks
 */
export function bytesOf(type: TensorType, elements: number): number {
  const block = BLOCK_SIZES[type];
  if (!Number.isSafeInteger(elements) || elements < 0 || elements % block.elements !== 0) {
    throw corrupt(`${elements} values are no whole number of ${type} blocks of ${block.elements}.`);
  }
  return (elements / block.elements) * block.bytes;
}

/**
 * Decodes all blocks in `bytes` into `out`, in storage order. The layouts are ggml's (ggml-common.h), the results
 * bit for bit those of the Python package `gguf`: all products here have at most 24 significant bits, so they are
 * exact, and the one difference (Q4_K) spans fewer than 53, so storing it is its only rounding.
 *
 * @param bytes whole blocks that hold exactly `out.length` elements, at any alignment
 * @throws EngineError `model-corrupt` if the sizes do not fit each other
 */
export function dequantize(type: TensorType, bytes: Uint8Array, out: Float32Array): void {
  const expected = bytesOf(type, out.length);
  if (bytes.length !== expected) {
    throw corrupt(`${out.length} values of ${type} take ${expected} bytes, not ${bytes.length}.`);
  }
  switch (type) {
    case 'F32':
      // Little-endian, as every platform that the native library runs on.
      return new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
    case 'F16':
      return decodeF16(bytes, out, halfTable());
    case 'Q8_0':
      return decodeQ8_0(bytes, out, halfTable());
    case 'Q5_0':
      return decodeQ5_0(bytes, out, halfTable());
    case 'Q4_K':
      return decodeQ4_K(bytes, out, halfTable());
    case 'Q6_K':
      return decodeQ6_K(bytes, out, halfTable());
  }
}

let cachedHalfTable: Float32Array | undefined;

/** The value of each of the 65,536 half-precision bit patterns (256 KiB); made at the first use. */
function halfTable(): Float32Array {
  cachedHalfTable ??= makeHalfTable();
  return cachedHalfTable;
}

function makeHalfTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return table;
}

// The loops below run for every weight of the model. They index typed arrays within checked bounds, where `?? 0`
// would cost a branch per element and never be taken: hence the assertions.

function decodeF16(bytes: Uint8Array, out: Float32Array, half: Float32Array): void {
  for (let i = 0, at = 0; i < out.length; i++, at += 2) {
    out[i] = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
  }
}

/** f16 scale, 32 signed bytes. */
function decodeQ8_0(bytes: Uint8Array, out: Float32Array, half: Float32Array): void {
  for (let to = 0, at = 0; to < out.length; to += 32, at += 34) {
    const scale = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let i = 0; i < 32; i++) {
      out[to + i] = scale * ((bytes[at + 2 + i]! << 24) >> 24);
    }
  }
}

/** f16 scale, 32 fifth bits, 16 bytes of nibbles: low ones are elements 0 to 15, high ones 16 to 31; minus 16. */
function decodeQ5_0(bytes: Uint8Array, out: Float32Array, half: Float32Array): void {
  for (let to = 0, at = 0; to < out.length; to += 32, at += 22) {
    const scale = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const lowBits = bytes[at + 2]! | (bytes[at + 3]! << 8);
    const highBits = bytes[at + 4]! | (bytes[at + 5]! << 8);
    for (let i = 0; i < 16; i++) {
      const nibbles = bytes[at + 6 + i]!;
      out[to + i] = scale * (((nibbles & 15) | (((lowBits >> i) & 1) << 4)) - 16);
      out[to + 16 + i] = scale * (((nibbles >> 4) | (((highBits >> i) & 1) << 4)) - 16);
    }
  }
}

/**
 * f16 scale and f16 minimum of the super-block, 8 six-bit pairs of scale and minimum in 12 bytes, then 4 runs of 32
 * bytes: low nibbles are one sub-block of 32, high ones the next.
 */
function decodeQ4_K(bytes: Uint8Array, out: Float32Array, half: Float32Array): void {
  for (let to = 0, at = 0; to < out.length; at += 144) {
    const scale = half[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const minimum = half[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    const pairs = at + 4;
    for (let run = 0, from = at + 16; run < 4; run++, from += 32, to += 64) {
      const sub = run * 2;
      const lowScale = scale * subScale(bytes, pairs, sub);
      const lowMinimum = minimum * subMinimum(bytes, pairs, sub);
      const highScale = scale * subScale(bytes, pairs, sub + 1);
      const highMinimum = minimum * subMinimum(bytes, pairs, sub + 1);
      for (let i = 0; i < 32; i++) {
        const nibbles = bytes[from + i]!;
        out[to + i] = lowScale * (nibbles & 15) - lowMinimum;
        out[to + 32 + i] = highScale * (nibbles >> 4) - highMinimum;
      }
    }
  }
}

/** Scales 0 to 3 are the low 6 bits of bytes 0 to 3; 4 to 7 have their upper two bits atop those. */
function subScale(bytes: Uint8Array, pairs: number, sub: number): number {
  if (sub < 4) return bytes[pairs + sub]! & 63;
  return (bytes[pairs + 4 + sub]! & 15) | ((bytes[pairs + sub - 4]! >> 6) << 4);
}

/** As the scales, in bytes 4 to 7; the lower four bits of 4 to 7 are the high nibbles of bytes 8 to 11. */
function subMinimum(bytes: Uint8Array, pairs: number, sub: number): number {
  if (sub < 4) return bytes[pairs + 4 + sub]! & 63;
  return (bytes[pairs + 4 + sub]! >> 4) | ((bytes[pairs + sub]! >> 6) << 4);
}

/**
 * 128 bytes of low nibbles, 64 of upper two bits, 16 signed scales (one per 16 elements), f16 super-scale; minus 32.
 * Each half of 128 elements: nibble bytes i and i+32 and upper bits i give the elements i, i+32, i+64 and i+96.
 */
function decodeQ6_K(bytes: Uint8Array, out: Float32Array, half: Float32Array): void {
  for (let to = 0, at = 0; to < out.length; at += 210) {
    const scale = half[bytes[at + 208]! | (bytes[at + 209]! << 8)]!;
    for (let part = 0; part < 2; part++, to += 128) {
      const low = at + part * 64;
      const high = at + 128 + part * 32;
      const scales = at + 192 + part * 8;
      for (let group = 0; group < 2; group++) {
        const scale0 = scale * ((bytes[scales + group]! << 24) >> 24);
        const scale1 = scale * ((bytes[scales + group + 2]! << 24) >> 24);
        const scale2 = scale * ((bytes[scales + group + 4]! << 24) >> 24);
        const scale3 = scale * ((bytes[scales + group + 6]! << 24) >> 24);
        for (let i = group * 16; i < group * 16 + 16; i++) {
          const first = bytes[low + i]!;
          const second = bytes[low + 32 + i]!;
          const upper = bytes[high + i]!;
          out[to + i] = scale0 * (((first & 15) | ((upper & 3) << 4)) - 32);
          out[to + 32 + i] = scale1 * (((second & 15) | (((upper >> 2) & 3) << 4)) - 32);
          out[to + 64 + i] = scale2 * (((first >> 4) | (((upper >> 4) & 3) << 4)) - 32);
          out[to + 96 + i] = scale3 * (((second >> 4) | ((upper >> 6) << 4)) - 32);
        }
      }
    }
  }
}
