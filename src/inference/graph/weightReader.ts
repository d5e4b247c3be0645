/** Reads and dequantises the tensors of a GGUF, a few rows at a time. */
import { EngineError } from '../errors';
import { bytesOf, dequantize } from '../gguf/dequantize';
import type { GgufFile } from '../gguf/readGguf';
import type { GgufTensor } from '../gguf/types';
import type { OpenFile } from '../store/fileLayer';

/** Elements that are dequantised at once: 4 MiB of f32, far under the largest tensor, well above a system call's cost. */
export const CHUNK_ELEMENTS = 1 << 20;

export class WeightReader {
  readonly #floats = new Float32Array(CHUNK_ELEMENTS);
  #raw = new Uint8Array(0);

  /** @param isAborted asked before each read; true ends it with `aborted` */
  constructor(
    private readonly source: GgufFile,
    private readonly file: OpenFile,
    private readonly isAborted: () => boolean,
  ) {}

  /** @throws EngineError `model-corrupt` without such a tensor */
  #tensor(name: string): GgufTensor {
    const tensor = this.source.tensors.get(name);
    if (tensor === undefined) throw new EngineError('model-corrupt', `The model has no tensor ${name}.`);
    return tensor;
  }

  /**
   * The first rows of a matrix in chunks of whole rows, f32[n, columns]; each is valid until the next is asked for.
   * A vector is one row.
   * @param rows how many
   * @param multiple each chunk but the last is a multiple of so many rows
   * @throws EngineError `model-corrupt`, `aborted`, or the system's error
   */
  async *chunks(name: string, rows: number, multiple = 1): AsyncGenerator<Float32Array> {
    const tensor = this.#tensor(name);
    const columns = columnsOf(tensor);
    expectRows(tensor, rows);
    const fitting = Math.floor(CHUNK_ELEMENTS / columns / multiple) * multiple;
    const atOnce = Math.max(multiple, fitting);
    for (let firstRow = 0; firstRow < rows; firstRow += atOnce) {
      const count = Math.min(atOnce, rows - firstRow) * columns;
      const floats = count <= CHUNK_ELEMENTS ? this.#floats.subarray(0, count) : new Float32Array(count);
      dequantize(tensor.type, await this.#read(tensor, firstRow * columns, count), floats);
      yield floats;
    }
  }

  /** A whole vector. @throws as `chunks` */
  async vector(name: string): Promise<Float32Array> {
    const tensor = this.#tensor(name);
    const floats = new Float32Array(tensor.shape.reduce((product, size) => product * size, 1));
    dequantize(tensor.type, await this.#read(tensor, 0, floats.length), floats);
    return floats;
  }

  /**
   * A matrix in the file's own form, for rows in any order.
   * @returns a function that dequantises one row into f32[columns]
   * @throws as `chunks`
   */
  async rows(name: string): Promise<(row: number, into: Float32Array) => void> {
    const tensor = this.#tensor(name);
    const columns = columnsOf(tensor);
    const rowBytes = bytesOf(tensor.type, columns);
    const count = rowsOf(tensor) * columns;
    const raw = await this.#read(tensor, 0, count, new Uint8Array(bytesOf(tensor.type, count)));
    return (row, into) => dequantize(tensor.type, raw.subarray(row * rowBytes, (row + 1) * rowBytes), into);
  }

  /** @param into where to; by default the reader's own memory, which the next read overwrites */
  async #read(tensor: GgufTensor, start: number, count: number, into?: Uint8Array): Promise<Uint8Array> {
    if (this.isAborted()) throw new EngineError('aborted', 'The conversion was cancelled.');
    const byteLength = bytesOf(tensor.type, count);
    const raw = into ?? this.#ownMemory(byteLength);
    const position = tensor.offset + bytesOf(tensor.type, start);
    for (let done = 0; done < byteLength;) {
      const { bytesRead } = await this.file.read(raw, done, byteLength - done, position + done);
      if (bytesRead === 0)
        throw new EngineError('model-corrupt', `The model file ends inside tensor ${tensor.name}.`);
      done += bytesRead;
    }
    return raw;
  }

  #ownMemory(byteLength: number): Uint8Array {
    if (this.#raw.length < byteLength) this.#raw = new Uint8Array(byteLength);
    return this.#raw.subarray(0, byteLength);
  }
}

const columnsOf = ({ shape }: GgufTensor): number => shape.at(-1) ?? 1;

const rowsOf = ({ shape }: GgufTensor): number =>
  shape.slice(0, -1).reduce((product, size) => product * size, 1);

function expectRows(tensor: GgufTensor, rows: number): void {
  if (rowsOf(tensor) < rows) {
    throw new EngineError('model-corrupt', `Tensor ${tensor.name} has fewer than ${rows} rows.`);
  }
}
