/** Matrices of the *fast* variants: mapped, quantised by rows, transposed. */
import { hadamardBlocks, hadamardRows } from './hadamard';
import { quantizeRowsTransposed } from './quantizeRows';
import type { ResidualRotation } from './rotation';
import type { MatrixPart, WeightTask } from './weightPlan';
import type { WeightReader } from './weightReader';

/** The stored form of an `int8` task: s8[columns, rows] and f32[rows]. */
export interface Int8Matrix {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Reads, maps and quantises the matrices of a task. Memory: the result, and the file's own bytes of one matrix where
 * its outputs are rotated with the residual stream (its rows are then needed in another order).
 *
 * @throws EngineError `model-corrupt`, `aborted`, or the system's error
 */
export async function int8Matrix(
  task: Extract<WeightTask, { kind: 'int8' }>,
  reader: WeightReader,
  rotation: ResidualRotation,
): Promise<Int8Matrix> {
  const { rows, columns, levels } = task;
  const values = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  let at = 0;
  for (const part of task.parts) {
    for await (const floats of mappedRows(part, columns, reader, rotation)) {
      quantizeRowsTransposed(floats, columns, levels, values, rows, at, scales);
      at += floats.length / columns;
    }
  }
  return { values, scales };
}

/** The rows of a matrix after its maps, in chunks; each is valid until the next is asked for. */
async function* mappedRows(
  part: MatrixPart,
  columns: number,
  reader: WeightReader,
  rotation: ResidualRotation,
): AsyncGenerator<Float32Array> {
  const gain = part.gain === undefined ? undefined : await reader.vector(part.gain);
  const mapInputs = (floats: Float32Array): Float32Array => {
    if (gain !== undefined) multiplyColumns(floats, gain);
    if (part.inputs === 'residual') return rotation.apply(floats);
    if (part.inputs !== undefined) hadamardBlocks(floats, part.inputs.hadamard);
    return floats;
  };
  if (part.outputs === 'residual') {
    for await (const floats of rotatedRows(part.source, columns, reader, rotation)) yield mapInputs(floats);
    return;
  }
  const block = part.outputs?.hadamard ?? 1;
  for await (const floats of reader.chunks(part.source, part.rows, block)) {
    const mapped = mapInputs(floats);
    if (block > 1) hadamardRows(mapped, columns, block);
    yield mapped;
  }
}

/** Rows whose outputs are rotated with the residual stream: permuted, signs flipped, Hadamard down the columns. */
async function* rotatedRows(
  source: string,
  columns: number,
  reader: WeightReader,
  rotation: ResidualRotation,
): AsyncGenerator<Float32Array> {
  const row = await reader.rows(source);
  const { block, size } = rotation;
  const floats = new Float32Array(block * columns);
  for (let first = 0; first < size; first += block) {
    for (let j = 0; j < block; j++) {
      const target = floats.subarray(j * columns, (j + 1) * columns);
      row(rotation.source[first + j] as number, target);
      if ((rotation.sign[first + j] as number) < 0) negate(target);
    }
    hadamardRows(floats, columns, block);
    yield floats;
  }
}

function multiplyColumns(x: Float32Array, factors: Float32Array): void {
  const columns = factors.length;
  for (let start = 0; start < x.length; start += columns) {
    for (let column = 0; column < columns; column++) {
      x[start + column] = (x[start + column] as number) * (factors[column] as number);
    }
  }
}

function negate(x: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] = -(x[i] as number);
}
