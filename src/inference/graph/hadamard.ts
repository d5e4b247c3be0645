/**
 * Walsh-Hadamard transforms in place. The normalised Sylvester matrix H of a power of two is symmetric and its own
 * inverse, so the same call rotates and rotates back.
 */

/**
 * Multiplies each run of `block` neighbouring numbers by the normalised Hadamard matrix of that size.
 *
 * @param x f32; `x.length` is a whole number of blocks
 * @param block a power of two
 */
export function hadamardBlocks(x: Float32Array, block: number): void {
  const norm = 1 / Math.sqrt(block);
  for (let start = 0; start < x.length; start += block) {
    for (let half = 1; half < block; half *= 2) {
      const last = 2 * half === block;
      const scale = last ? norm : 1;
      for (let i = start; i < start + block; i += 2 * half) {
        for (let j = i; j < i + half; j++) {
          const a = x[j] as number;
          const b = x[j + half] as number;
          x[j] = (a + b) * scale;
          x[j + half] = (a - b) * scale;
        }
      }
    }
  }
}

/**
 * The same down the columns: multiplies the normalised Hadamard matrix of `block` rows with each group of so many
 * neighbouring rows.
 *
 * @param x f32[rows, columns], `rows` a whole number of blocks
 * @param block a power of two
 */
export function hadamardRows(x: Float32Array, columns: number, block: number): void {
  const rows = x.length / columns;
  const norm = 1 / Math.sqrt(block);
  for (let half = 1; half < block; half *= 2) {
    const scale = 2 * half === block ? norm : 1;
    for (let row = 0; row < rows; row++) {
      if ((row & half) !== 0) continue;
      const upper = row * columns;
      const lower = upper + half * columns;
      for (let column = 0; column < columns; column++) {
        const a = x[upper + column] as number;
        const b = x[lower + column] as number;
        x[upper + column] = (a + b) * scale;
        x[lower + column] = (a - b) * scale;
      }
    }
  }
}

/** f32[block, block] of the normalised Hadamard matrix, row by row. */
export function hadamardMatrix(block: number): Float32Array {
  const matrix = new Float32Array(block * block);
  for (let row = 0; row < block; row++) matrix[row * block + row] = 1;
  hadamardBlocks(matrix, block);
  return matrix;
}

/** The largest power of two, at most `limit`, that divides a size. */
export function hadamardBlockOf(size: number, limit: number): number {
  let block = 1;
  while (2 * block <= limit && size % (2 * block) === 0) block *= 2;
  return block;
}
