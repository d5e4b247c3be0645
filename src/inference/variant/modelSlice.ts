/**
 * A slice of a model in one variant, to be timed and compared: its first blocks and as large a part of its head, with
 * the real weights, so that both speed and the effect of quantisation are the model's own. Converting and loading it
 * takes a fraction of a second where the whole model takes many.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../engine';
import { EngineError } from '../errors';
import type { ModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import { convert, MODEL_FILE } from '../graph/convert';
import type { DecoderGraph } from '../session/decoderGraph';
import { KvCache } from '../session/kvCache';
import { openDecoderGraph } from '../session/openDecoderGraph';
import { kvCacheShape } from '../session/session';
import { temporaryBeside } from '../store/leftovers';
import type { VariantProbe } from './chooseVariant';

/** Blocks of a slice: two, so that the second one's input is no bare embedding any more. */
const SLICE_BLOCKS = 2;

/**
 * Written before a decode run, in bytes: the weights of a slice may fit the processor's cache, those of a whole model
 * do not, and decoding takes as long as reading them.
 */
const EVICTION_BYTES = 64 * 1024 * 1024;

/**
 * Waited before a timed run, in milliseconds: the threads of the variant that ran before look out for more work for a
 * while, and take the processors from this one.
 */
const SETTLE_MS = 10;

export interface SliceRequest {
  readonly source: GgufFile;
  readonly config: ModelConfig;
  readonly variant: Variant;
  /** Tokens of a fixed text; evaluated in one run. */
  readonly prompt: readonly number[];
  readonly threads: number;
  /** An existing folder, in which a temporary one is made and removed. */
  readonly cacheDir: string;
  readonly isAborted: () => boolean;
}

/** The first blocks and rows of the head, both in the same proportion. */
export function sliceConfig(config: ModelConfig): ModelConfig {
  const blockCount = Math.min(SLICE_BLOCKS, config.blockCount);
  const vocabSize = Math.ceil((config.vocabSize * blockCount) / config.blockCount / 64) * 64;
  return { ...config, blockCount, vocabSize: Math.min(config.vocabSize, vocabSize) };
}

/**
 * Converts and loads a slice. Its times are those of the whole model, in proportion to the blocks.
 * @throws EngineError as `convert` and `DecoderGraph.load`
 */
export async function openSlice(request: SliceRequest): Promise<VariantProbe> {
  const { source, config, variant, threads, isAborted } = request;
  const sliced = sliceConfig(config);
  const dir = temporaryBeside(join(request.cacheDir, 'slice'));
  await mkdir(dir, { recursive: true });
  try {
    // Its last block stands for all of them.
    await convert({ source, variant, config: sliced, lastRows: 'new', targetDir: dir, isAborted });
    const graph = await openDecoderGraph(source, sliced, variant, join(dir, MODEL_FILE), threads);
    return new SliceProbe(graph, sliced, request);
  } finally {
    // The runtime has read the files by now.
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
}

class SliceProbe implements VariantProbe {
  readonly #cache: KvCache;
  readonly #eviction = new Uint8Array(EVICTION_BYTES);
  /** Blocks of the model for each block of the slice. */
  readonly #factor: number;
  #decoded = 0;

  constructor(
    private readonly graph: DecoderGraph,
    sliced: ModelConfig,
    private readonly request: SliceRequest,
  ) {
    this.#cache = new KvCache(kvCacheShape(sliced, request.prompt.length + 1));
    this.#factor = request.config.blockCount / sliced.blockCount;
  }

  async logits(): Promise<readonly Float32Array[]> {
    const { prompt } = this.request;
    this.#cache.truncate(0);
    const rows = prompt.map((_, index) => index);
    const { logits } = await this.graph.run({ ids: prompt, rows, fullLogits: true }, this.#cache);
    const all = logits as Float32Array;
    const columns = all.length / rows.length;
    return rows.map((row) => all.subarray(row * columns, (row + 1) * columns));
  }

  async prefillMs(): Promise<number> {
    const { prompt } = this.request;
    // Once to wake the threads: the chunks of a prompt follow each other without a pause.
    await this.#settle();
    this.#cache.truncate(0);
    await this.#time(prompt);
    this.#cache.truncate(0);
    return (await this.#time(prompt)) / prompt.length;
  }

  async decodeMs(): Promise<number> {
    const { prompt } = this.request;
    this.#cache.truncate(Math.min(this.#cache.length, prompt.length));
    await this.#settle();
    this.#eviction.fill(++this.#decoded);
    return this.#time([prompt[this.#decoded % prompt.length] as number]);
  }

  close(): Promise<void> {
    return this.graph.release();
  }

  /** @throws EngineError `aborted` */
  async #settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (this.request.isAborted()) throw new EngineError('aborted', 'Loading was cancelled.');
  }

  async #time(ids: readonly number[]): Promise<number> {
    const start = performance.now();
    await this.graph.run({ ids, rows: [ids.length - 1] }, this.#cache);
    return (performance.now() - start) * this.#factor;
  }
}
