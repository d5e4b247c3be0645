/**
 * A slice of a model in one variant, to be timed and compared: its first blocks and as large a part of its head, with
 * the real weights, so that both speed and the effect of quantisation are the model's own. Converting and loading it
 * takes a fraction of a second where the whole model takes many.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../engine';
import type { ModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import { convert, MODEL_FILE } from '../graph/convert';
import type { DecoderGraph } from '../session/decoderGraph';
import { KvCache } from '../session/kvCache';
import { openDecoderGraph } from '../session/openDecoderGraph';
import { kvCacheShape } from '../session/session';
import type { VariantMeasurement } from './chooseVariant';

/** Blocks of a slice: two, so that the second one's input is no bare embedding any more. */
const SLICE_BLOCKS = 2;
/** Runs that are timed; the fastest counts, since other programs only ever make a run slower. */
const PREFILL_RUNS = 3;
const DECODE_RUNS = 5;

/**
 * Written between decode runs, in bytes: the weights of a slice may fit the processor's cache, those of a whole model
 * do not, and decoding takes as long as reading them.
 */
const EVICTION_BYTES = 128 * 1024 * 1024;

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
 * Converts, loads and times a slice. Speeds are those of the whole model, in proportion to the blocks.
 * @throws EngineError as `convert` and `DecoderGraph.load`
 */
export async function measureSlice(request: SliceRequest): Promise<VariantMeasurement> {
  const { source, config, variant, threads, isAborted } = request;
  const sliced = sliceConfig(config);
  const dir = join(request.cacheDir, `.converting-${randomUUID()}`);
  await mkdir(dir, { recursive: true });
  try {
    await convert({ source, variant, config: sliced, targetDir: dir, isAborted });
    const graph = await openDecoderGraph(source, sliced, variant, join(dir, MODEL_FILE), threads);
    try {
      const times = await timeSlice(graph, sliced, request.prompt);
      const share = sliced.blockCount / config.blockCount;
      return {
        prefillTokensPerSecond: (1000 * request.prompt.length * share) / times.prefillMs,
        decodeTokensPerSecond: (1000 * share) / times.decodeMs,
        logits: times.logits,
      };
    } finally {
      await graph.release();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function timeSlice(
  graph: DecoderGraph,
  config: ModelConfig,
  prompt: readonly number[],
): Promise<{ prefillMs: number; decodeMs: number; logits: Float32Array[] }> {
  const cache = new KvCache(kvCacheShape(config, prompt.length + DECODE_RUNS));
  const every = prompt.map((_, index) => index);
  const { logits } = await graph.run({ ids: prompt, rows: every, fullLogits: true }, cache);
  const time = async (ids: readonly number[]): Promise<number> => {
    const start = performance.now();
    await graph.run({ ids, rows: [ids.length - 1] }, cache);
    return performance.now() - start;
  };
  let prefillMs = Infinity;
  for (let run = 0; run < PREFILL_RUNS; run++) {
    cache.truncate(0);
    prefillMs = Math.min(prefillMs, await time(prompt));
  }
  let decodeMs = Infinity;
  const eviction = new Uint8Array(EVICTION_BYTES);
  for (let run = 0; run < DECODE_RUNS; run++) {
    eviction.fill(run + 1);
    decodeMs = Math.min(decodeMs, await time(prompt.slice(run, run + 1)));
  }
  return { prefillMs, decodeMs, logits: rowsOf(logits as Float32Array, prompt.length) };
}

const rowsOf = (logits: Float32Array, rows: number): Float32Array[] =>
  Array.from({ length: rows }, (_, row) =>
    logits.subarray((row * logits.length) / rows, ((row + 1) * logits.length) / rows),
  );
