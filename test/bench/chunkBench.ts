import { openGraph, type OpenedGraph } from '../support/tinyModel';
import type { BenchEngineOptions } from './benchEngine';

/** Prefill in chunks of different length: what a chunk costs, and how long an abort may have to wait for it. */
export class ChunkBench {
  #opened: OpenedGraph | undefined;

  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<void> {
    const { modelPath, cacheDir, threads, variant } = this.options;
    this.#opened = await openGraph(modelPath, cacheDir, { threads, variant });
  }

  /** Evaluates ids into an empty KV cache, `chunkTokens` at a time. @returns milliseconds of each chunk */
  async prefill(ids: readonly number[], chunkTokens: number): Promise<number[]> {
    if (this.#opened === undefined) throw new Error('not loaded');
    const { graph } = this.#opened;
    const cache = this.#opened.newCache(ids.length);
    cache.reserve(ids.length);
    const times: number[] = [];
    for (let start = 0; start < ids.length; start += chunkTokens) {
      const chunk = ids.slice(start, start + chunkTokens);
      const from = performance.now();
      await graph.run({ ids: chunk, rows: [chunk.length - 1] }, cache);
      times.push(performance.now() - from);
    }
    return times;
  }

  async release(): Promise<void> {
    await this.#opened?.graph.release();
    this.#opened = undefined;
  }
}
