import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readModelConfig, type ModelConfig } from '../../../src/inference/gguf/modelConfig';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { encodeOnnxModel, MICROSOFT, type OnnxModel } from '../../../src/inference/graph/onnxModel';
import { refuseTelemetry } from '../../../src/inference/nativeTelemetry';
import type { BenchEngineOptions } from '../benchEngine';
import type { ReadOrder } from './readMain';

/** Rounds of which the fastest counts: it is a bound that is looked for. */
const ROUNDS = 6;

/** What the machine can do at best of what a run is mostly made of: the bare matrix products, the bare reading. */
export class FloorBench {
  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<void> {
    refuseTelemetry();
    await Promise.resolve();
  }

  /** The int8 products of all blocks over so many rows, without anything between them. @returns milliseconds */
  async products(rows: number): Promise<number> {
    const config = await this.#config();
    let ms = 0;
    for (const [inputs, outputs] of shapesOf(config)) ms += await this.#product(rows, inputs, outputs);
    return ms * config.blockCount;
  }

  /** Reading as many bytes as the int8 matrices have once, by as many threads as the engine has. @returns milliseconds */
  async reading(): Promise<number> {
    const config = await this.#config();
    const perBlock = shapesOf(config).reduce((sum, [inputs, outputs]) => sum + inputs * outputs, 0);
    const bytes = config.blockCount * perBlock + config.hiddenSize * config.vocabSize;
    const { threads } = this.options;
    const order: ReadOrder = {
      bytes: Math.floor(bytes / threads),
      rounds: ROUNDS,
      start: new SharedArrayBuffer(4),
    };
    const workers = Array.from(
      { length: threads },
      () => new Worker(resolve('out/test/bench/floors/readMain.js'), { workerData: order }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const cell = new Int32Array(order.start);
    Atomics.store(cell, 0, 1);
    Atomics.notify(cell, 0);
    const times = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'message')) as [number])[0]),
    );
    return Math.max(...times);
  }

  async release(): Promise<void> {}

  async #config(): Promise<ModelConfig> {
    return readModelConfig(await readGguf(this.options.modelPath));
  }

  async #product(rows: number, inputs: number, outputs: number): Promise<number> {
    const session = await InferenceSession.create(encodeOnnxModel(productModel(inputs, outputs)), {
      executionProviders: ['cpu'],
      intraOpNumThreads: this.options.threads,
      interOpNumThreads: 1,
    });
    const x = new Tensor('uint8', new Uint8Array(rows * inputs).fill(131), [1, rows, inputs]);
    let fastest = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const from = performance.now();
      await session.run({ x });
      fastest = Math.min(fastest, performance.now() - from);
    }
    await session.release();
    return fastest;
  }
}

/** Inputs and outputs of a block's matrices. */
function shapesOf(config: ModelConfig): (readonly [number, number])[] {
  const { hiddenSize: H, feedForwardSize: F, headCount, kvHeadCount, headDim } = config;
  return [
    [H, (headCount + 2 * kvHeadCount) * headDim],
    [H, H],
    [H, F],
    [H, F],
    [F, H],
  ];
}

/** One product as the graph has it, of which a single number leaves the runtime. */
function productModel(inputs: number, outputs: number): OnnxModel {
  const weights = Uint8Array.from({ length: inputs * outputs }, (_, at) => (at * 7) % 251);
  const scales = new Uint8Array(new Float32Array(outputs).fill(0.01).buffer);
  const one = new Uint8Array(Float32Array.of(1).buffer);
  const ints = (value: number) => new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
  const scalar = (name: string, type: 'float32' | 'uint8', inline: Uint8Array) => ({
    name,
    type,
    shape: [],
    data: { inline },
  });
  const index = (name: string, value: number) => ({
    name,
    type: 'int64' as const,
    shape: [1],
    data: { inline: ints(value) },
  });
  return {
    name: 'product',
    nodes: [
      {
        ...{ operator: 'MatMulIntegerToFloat', domain: MICROSOFT, attributes: {} },
        ...{ inputs: ['x', 'w', 'one', 'scales', 'zero'], outputs: ['product'] },
      },
      {
        ...{ operator: 'Slice', domain: '', attributes: {} },
        ...{ inputs: ['product', 'from', 'to', 'axis'], outputs: ['y'] },
      },
    ],
    initializers: [
      { name: 'w', type: 'int8', shape: [inputs, outputs], data: { inline: weights } },
      { name: 'scales', type: 'float32', shape: [outputs], data: { inline: scales } },
      ...[scalar('one', 'float32', one), scalar('zero', 'uint8', Uint8Array.of(128))],
      ...[index('from', 0), index('to', 1), index('axis', 1)],
    ],
    inputs: [{ name: 'x', type: 'uint8', shape: [1, 'S', inputs] }],
    outputs: [{ name: 'y', type: 'float32', shape: [1, 1, outputs] }],
  };
}
