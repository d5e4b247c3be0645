import { EngineError } from '../errors';

/**
 * Quantises rows of a matrix to signed integers with one scale each: value = q * scale, scale = max|x| / levels of
 * the row. The integers are written transposed, as `MatMulIntegerToFloat` reads its second operand.
 *
 * @param x f32[rows, columns]
 * @param levels largest magnitude of an integer: 127 for 8 bits, 63 for 7
 * @param target s8[columns, stride]; row r of x becomes column `at + r`
 * @param scales f32, written from index `at` on
 * @throws EngineError `model-corrupt` for a number that is not finite
 */
export function quantizeRowsTransposed(
  x: Float32Array,
  columns: number,
  levels: number,
  target: Int8Array,
  stride: number,
  at: number,
  scales: Float32Array,
): void {
  const rows = x.length / columns;
  const inverse = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let max = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) max = Math.max(max, Math.abs(x[i] as number));
    if (!Number.isFinite(max))
      throw new EngineError('model-corrupt', 'The weights hold a number that is not finite.');
    // A row of zeros keeps a scale of 1: any scale is right, and none divides by zero.
    const scale = max === 0 ? 1 : Math.fround(max / levels);
    scales[at + row] = scale;
    inverse[row] = 1 / scale;
  }
  // Columns outside: neighbouring rows of x are neighbours in the target, and those are the writes.
  for (let column = 0; column < columns; column++) {
    const to = column * stride + at;
    for (let row = 0; row < rows; row++) {
      const scaled = (x[row * columns + column] as number) * (inverse[row] as number);
      // |scaled| < levels + 0.5, so adding 1024.5 and truncating rounds to nearest.
      target[to + row] = ((scaled + 1024.5) | 0) - 1024;
    }
  }
}
