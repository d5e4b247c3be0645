/**
 * Embeddings of tokens, read row by row from the GGUF itself: the largest matrix of a small model then needs no
 * memory, no conversion and no second rounding. A row is some hundred bytes, and the system keeps what is read often.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EngineError } from '../errors';
import { bytesOf, dequantize } from '../gguf/dequantize';
import type { GgufFile } from '../gguf/readGguf';
import type { GgufTensor } from '../gguf/types';
import type { ResidualRotation } from '../graph/rotation';

export class EmbeddingTable {
  readonly #tensor: GgufTensor;
  readonly #columns: number;
  readonly #rowBytes: number;
  #file: number | undefined;

  /**
   * Opens the file; `close` ends that.
   * @param rotation the map of the residual stream, where the graph expects it rotated
   * @throws EngineError `model-corrupt` without embeddings, `io`
   */
  constructor(
    source: GgufFile,
    private readonly rotation: ResidualRotation | undefined,
  ) {
    const tensor = source.tensors.get('token_embd.weight');
    if (tensor === undefined) throw new EngineError('model-corrupt', 'The model has no embeddings.');
    this.#tensor = tensor;
    this.#columns = tensor.shape[1] ?? 0;
    this.#rowBytes = bytesOf(tensor.type, this.#columns);
    try {
      this.#file = openSync(source.path, 'r');
      if (fstatSync(this.#file).size !== source.size) {
        throw new EngineError('model-corrupt', 'The model file has changed while it was opened.');
      }
    } catch (error) {
      this.close();
      throw EngineError.from(error, 'io');
    }
  }

  /**
   * Synchronous, since a native run follows at once: some microseconds for each token.
   * @returns f32[ids.length, H], valid until the next call
   * @throws EngineError `invalid-request` for an id outside the vocabulary, `io`, `model-corrupt`
   */
  lookUp(ids: readonly number[]): Float32Array {
    const rows = new Float32Array(ids.length * this.#columns);
    ids.forEach((id, index) =>
      this.#read(id, rows.subarray(index * this.#columns, (index + 1) * this.#columns)),
    );
    return this.rotation?.apply(rows) ?? rows;
  }

  /** Does nothing the second time. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #read(id: number, into: Float32Array): void {
    const rows = this.#tensor.shape[0] ?? 0;
    if (!Number.isInteger(id) || id < 0 || id >= rows) {
      throw new EngineError('invalid-request', 'There is no token with this id.', { id, size: rows });
    }
    if (this.#file === undefined) throw new EngineError('shutting-down', 'The model is being closed.');
    const raw = new Uint8Array(this.#rowBytes);
    const position = this.#tensor.offset + id * this.#rowBytes;
    let bytesRead: number;
    try {
      bytesRead = readSync(this.#file, raw, 0, raw.length, position);
    } catch (error) {
      throw EngineError.from(error, 'io');
    }
    if (bytesRead !== raw.length) {
      throw new EngineError('model-corrupt', 'The model file ends inside its embeddings.');
    }
    dequantize(this.#tensor.type, raw, into);
  }
}
