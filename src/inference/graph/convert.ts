/**
 * Writes a GGUF as an ONNX Runtime graph with external data. Weights stream past a chunk of rows at a time, so that
 * the memory needed does not depend on the model.
 */
import { join } from 'node:path';
import type { Variant } from '../engine';
import { EngineError } from '../errors';
import { readModelConfig, type ModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import { NODE_FILES, type FileLayer, type OpenFile } from '../store/fileLayer';
import { hadamardBlocks } from './hadamard';
import { int8Matrix } from './int8Matrix';
import { encodeOnnxModel } from './onnxModel';
import type { Rows } from './projections';
import { planQwen2Graph } from './qwen2Graph';
import { quantizeBlocks8 } from './quantizeBlocks8';
import { ResidualRotation } from './rotation';
import { QUANT_BLOCK, type WeightTask } from './weightPlan';
import { CHUNK_ELEMENTS, WeightReader } from './weightReader';

export const MODEL_FILE = 'model.onnx';
export const DATA_FILE = 'model.onnx.data';

export interface ConvertOptions {
  readonly source: GgufFile;
  readonly variant: Variant;
  /** Default: the file's own. One of fewer blocks or a smaller vocabulary converts the first of both. */
  readonly config?: ModelConfig;
  /** As for `planQwen2Graph`. */
  readonly lastRows?: Rows;
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
  const config = options.config ?? readModelConfig(options.source);
  const { model, weights, maxPositions } = planQwen2Graph(
    config,
    options.variant,
    DATA_FILE,
    options.lastRows,
  );
  await files.writeFile(join(options.targetDir, MODEL_FILE), encodeOnnxModel(model));
  const input = await files.open(options.source.path, 'r');
  try {
    const output = await files.open(join(options.targetDir, DATA_FILE), 'wx');
    try {
      const reader = new WeightReader(options.source, input, options.isAborted ?? (() => false));
      const rotation = new ResidualRotation(config.hiddenSize);
      const writer = new WeightWriter(reader, rotation, output, (written) =>
        options.onProgress?.(Math.min(1, written / weights.dataBytes)),
      );
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
  readonly #values = new Uint8Array(CHUNK_ELEMENTS);
  readonly #scales = new Float32Array(CHUNK_ELEMENTS / QUANT_BLOCK);
  #written = 0;

  constructor(
    private readonly reader: WeightReader,
    private readonly rotation: ResidualRotation,
    private readonly output: OpenFile,
    private readonly onWritten: (bytes: number) => void,
  ) {}

  async run(task: WeightTask): Promise<void> {
    switch (task.kind) {
      case 'blocks8':
        return this.#blocks8(task);
      case 'int8':
        return this.#int8(task);
      case 'float32':
        return this.#float32(task);
      case 'computed':
        return this.#write(task.compute(), task.values.offset);
    }
  }

  async #blocks8(task: Extract<WeightTask, { kind: 'blocks8' }>): Promise<void> {
    let done = 0;
    for (const { source, rows } of task.parts) {
      for await (const floats of this.reader.chunks(source, rows)) {
        const values = this.#values.subarray(0, floats.length);
        const scales = this.#scales.subarray(0, floats.length / QUANT_BLOCK);
        quantizeBlocks8(floats, QUANT_BLOCK, values, scales);
        await this.#write(values, task.values.offset + done);
        await this.#write(bytesOfFloats(scales), task.scales.offset + (done / QUANT_BLOCK) * 4);
        done += floats.length;
      }
    }
    expectElements(task.values.name, done, task.rows * task.columns);
  }

  async #int8(task: Extract<WeightTask, { kind: 'int8' }>): Promise<void> {
    const { values, scales } = await int8Matrix(task, this.reader, this.rotation);
    await this.#write(new Uint8Array(values.buffer), task.values.offset);
    await this.#write(bytesOfFloats(scales), task.scales.offset);
  }

  async #float32(task: Extract<WeightTask, { kind: 'float32' }>): Promise<void> {
    let done = 0;
    for (const { source, map } of task.parts) {
      const floats = await this.reader.vector(source);
      if (!floats.every(Number.isFinite)) {
        throw new EngineError(
          'model-corrupt',
          `The weights of ${task.values.name} are not all finite numbers.`,
        );
      }
      if (map !== undefined) hadamardBlocks(floats, map.hadamard);
      await this.#write(bytesOfFloats(floats), task.values.offset + done * 4);
      done += floats.length;
    }
    expectElements(task.values.name, done, task.values.byteLength / 4);
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.output.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    this.#written += bytes.length;
    this.onWritten(this.#written);
  }
}

const bytesOfFloats = (floats: Float32Array): Uint8Array =>
  new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);

function expectElements(name: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new EngineError('model-corrupt', `Tensor ${name} has ${found} elements instead of ${expected}.`);
  }
}
