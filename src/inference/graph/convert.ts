/**
 * Writes a GGUF as an ONNX Runtime graph with external data. Weights stream past a chunk of rows at a time, so that
 * the memory needed does not depend on the model.
 */
import { join } from 'node:path';
import { EngineError } from '../errors';
import { bytesOf, dequantize } from '../gguf/dequantize';
import { readModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import type { GgufTensor } from '../gguf/types';
import { NODE_FILES, type FileLayer, type OpenFile } from '../store/fileLayer';
import { encodeOnnxModel } from './onnxModel';
import { planQwen2Graph } from './qwen2Graph';
import { quantizeBlocks8 } from './quantizeBlocks8';
import { QUANT_BLOCK, type WeightTask } from './weightPlan';

export const MODEL_FILE = 'model.onnx';
export const DATA_FILE = 'model.onnx.data';

/** Elements that are dequantised at once: 4 MiB of f32, far under the largest tensor, well above a system call's cost. */
const CHUNK_ELEMENTS = 1 << 20;

export interface ConvertOptions {
  readonly source: GgufFile;
  /** An existing folder; `MODEL_FILE` and `DATA_FILE` are written into it. */
  readonly targetDir: string;
  /** Called with the fraction done, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Asked between chunks; true ends the conversion with `aborted`. */
  readonly isAborted?: () => boolean;
  readonly files?: FileLayer;
}

/**
 * Converts a qwen2 GGUF.
 * @returns tokens that the graph can address
 * @throws EngineError `model-unsupported`, `model-corrupt`, `aborted`, `disk-full`, `io`
 */
export async function convert(options: ConvertOptions): Promise<{ maxPositions: number }> {
  const { files = NODE_FILES } = options;
  const config = readModelConfig(options.source);
  const { model, weights, maxPositions } = planQwen2Graph(config, DATA_FILE);
  await files.writeFile(join(options.targetDir, MODEL_FILE), encodeOnnxModel(model));
  const input = await files.open(options.source.path, 'r');
  try {
    const output = await files.open(join(options.targetDir, DATA_FILE), 'wx');
    try {
      const writer = new WeightWriter(options, input, output, weights.dataBytes);
      for (const task of weights.tasks) await writer.run(task);
      await output.truncate(weights.dataBytes);
      await output.sync();
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
  return { maxPositions };
}

/** Runs weight tasks with one set of buffers. */
class WeightWriter {
  readonly #floats = new Float32Array(CHUNK_ELEMENTS);
  readonly #values = new Uint8Array(CHUNK_ELEMENTS);
  readonly #scales = new Float32Array(CHUNK_ELEMENTS / QUANT_BLOCK);
  #raw = new Uint8Array(0);
  #written = 0;

  constructor(
    private readonly options: ConvertOptions,
    private readonly input: OpenFile,
    private readonly output: OpenFile,
    private readonly totalBytes: number,
  ) {}

  async run(task: WeightTask): Promise<void> {
    switch (task.kind) {
      case 'blocks8':
        return this.#blocks8(task);
      case 'float32':
        return this.#float32(task);
      case 'computed':
        return this.#write(task.compute(), task.values.offset);
    }
  }

  async #blocks8(task: Extract<WeightTask, { kind: 'blocks8' }>): Promise<void> {
    let done = 0;
    for await (const floats of this.#dequantized(task.sources)) {
      const values = this.#values.subarray(0, floats.length);
      const scales = this.#scales.subarray(0, floats.length / QUANT_BLOCK);
      quantizeBlocks8(floats, QUANT_BLOCK, values, scales);
      await this.#write(values, task.values.offset + done);
      await this.#write(bytesOfFloats(scales), task.scales.offset + (done / QUANT_BLOCK) * 4);
      done += floats.length;
    }
    expectElements(task.values.name, done, task.rows * task.columns);
  }

  async #float32(task: Extract<WeightTask, { kind: 'float32' }>): Promise<void> {
    let done = 0;
    for await (const floats of this.#dequantized(task.sources)) {
      if (!floats.every(Number.isFinite)) {
        throw new EngineError(
          'model-corrupt',
          `The weights of ${task.values.name} are not all finite numbers.`,
        );
      }
      await this.#write(bytesOfFloats(floats), task.values.offset + done * 4);
      done += floats.length;
    }
    expectElements(task.values.name, done, task.values.byteLength / 4);
  }

  /** The tensors' elements in chunks of whole rows; each chunk is valid until the next is asked for. */
  async *#dequantized(names: readonly string[]): AsyncGenerator<Float32Array> {
    for (const name of names) {
      const tensor = this.options.source.tensors.get(name);
      if (tensor === undefined) throw new EngineError('model-corrupt', `The model has no tensor ${name}.`);
      const columns = tensor.shape.at(-1) ?? 1;
      const rows = tensor.shape.slice(0, -1).reduce((product, size) => product * size, 1);
      const rowsAtOnce = Math.floor(CHUNK_ELEMENTS / columns);
      for (let row = 0; row < rows; row += rowsAtOnce) {
        if (this.options.isAborted?.()) throw new EngineError('aborted', 'The conversion was cancelled.');
        yield this.#chunk(tensor, row * columns, Math.min(rowsAtOnce, rows - row) * columns);
      }
    }
  }

  async #chunk(tensor: GgufTensor, start: number, count: number): Promise<Float32Array> {
    const byteLength = bytesOf(tensor.type, count);
    if (this.#raw.length < byteLength) this.#raw = new Uint8Array(byteLength);
    const raw = this.#raw.subarray(0, byteLength);
    await readExactly(this.input, raw, tensor.offset + bytesOf(tensor.type, start), tensor.name);
    const floats = this.#floats.subarray(0, count);
    dequantize(tensor.type, raw, floats);
    return floats;
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.output.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    this.#written += bytes.length;
    this.options.onProgress?.(Math.min(1, this.#written / this.totalBytes));
  }
}

async function readExactly(
  file: OpenFile,
  into: Uint8Array,
  position: number,
  tensor: string,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0)
      throw new EngineError('model-corrupt', `The model file ends inside tensor ${tensor}.`);
    done += bytesRead;
  }
}

const bytesOfFloats = (floats: Float32Array): Uint8Array =>
  new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);

function expectElements(name: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new EngineError('model-corrupt', `Tensor ${name} has ${found} elements instead of ${expected}.`);
  }
}
