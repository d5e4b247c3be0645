import { EngineError } from '../errors';

/**
 * Quantises rows to u8 in blocks: value = (q - 128) * scale, scale = max|x| / 127 of each block. This is the form
 * that `MatMulNBits` (bits 8, symmetric) and `GatherBlockQuantized` read.
 *
 * @param x f32, a whole number of blocks
 * @param block elements that share a scale
 * @param values u8, as long as x
 * @param scales f32[x.length / block]
 * @throws EngineError `model-corrupt` for a number that is not finite
 */
export function quantizeBlocks8(
  x: Float32Array,
  block: number,
  values: Uint8Array,
  scales: Float32Array,
): void {
  for (let start = 0, index = 0; start < x.length; start += block, index++) {
    let max = 0;
    for (let i = start; i < start + block; i++) max = Math.max(max, Math.abs(x[i] as number));
    if (!Number.isFinite(max))
      throw new EngineError('model-corrupt', 'The weights hold a number that is not finite.');
    // A block of zeros keeps a scale of 1: any scale is right, and none divides by zero.
    const scale = max === 0 ? 1 : Math.fround(max / 127);
    const inverse = 1 / scale;
    scales[index] = scale;
    for (let i = start; i < start + block; i++) {
      // |x * inverse| < 127.5, so adding 128.5 and truncating rounds to nearest without leaving 0..255.
      values[i] = ((x[i] as number) * inverse + 128.5) | 0;
    }
  }
}
