/** The tiny random models in tests: real files, real conversion, real runtime, in milliseconds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readModelConfig } from '../../src/inference/gguf/modelConfig';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { TOP_K } from '../../src/inference/graph/limits';
import type { Variant } from '../../src/inference/engine';
import type { DecoderGraph } from '../../src/inference/session/decoderGraph';
import { KvCache } from '../../src/inference/session/kvCache';
import { kvCacheShape, Session } from '../../src/inference/session/session';
import { runCostOf } from '../../src/inference/session/draftLength';
import { openDecoderGraph } from '../../src/inference/session/openDecoderGraph';
import { openConvertedModel } from '../../src/inference/store/convertedModel';
import { weightsIdentity } from '../../src/inference/store/weightsIdentity';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';

export const TINY_TIED = resolve('test/fixtures/tiny/tiny-tied.gguf');
export const TINY_UNTIED = resolve('test/fixtures/tiny/tiny-untied.gguf');

/** A folder of the test's own, removed by the function that comes with it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'qwen-coder-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface OpenedGraph {
  readonly graph: DecoderGraph;
  newCache(maxTokens?: number): KvCache;
  /** A session over the same graph. */
  session(options?: { chunkTokens?: number; contextTokens?: number; minKeptMs?: number }): Session;
  readonly config: ReturnType<typeof readModelConfig>;
}

/**
 * The untied tiny model for all tests of a `describe`, opened before them and closed behind them.
 * @returns gives it, once the tests run, and the folder that it is converted into
 */
export function tinyForTests(): () => OpenedGraph & { readonly folder: string } {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let opened: OpenedGraph;
  before(async () => {
    folder = await temporaryFolder();
    opened = await openGraph(TINY_UNTIED, folder.path);
  });
  after(async () => {
    await opened.graph.release();
    await folder.remove();
  });
  return () => ({ ...opened, folder: folder.path });
}

export interface OpenOptions {
  readonly threads?: number;
  readonly variant?: Variant;
  /** As of `DecoderGraph.load`. */
  readonly profilePrefix?: string;
}

/** Converts a model into the folder (or finds it there) and loads its graph. */
export async function openGraph(
  modelPath: string,
  cacheDir: string,
  { threads = 1, variant = 'exact', profilePrefix }: OpenOptions = {},
): Promise<OpenedGraph> {
  const source = await readGguf(modelPath);
  const config = readModelConfig(source);
  const sha256 = await weightsIdentity(modelPath, cacheDir);
  const { modelFile } = await openConvertedModel({ source, sha256, variant, cacheDir });
  const graph = await openDecoderGraph(source, config, variant, modelFile, threads, profilePrefix);
  const tokenizer = tokenizerFromGguf(source.metadata);
  return {
    graph,
    config,
    newCache: (maxTokens = 512) => new KvCache(kvCacheShape(config, maxTokens)),
    session: ({ chunkTokens = 64, contextTokens = 512, minKeptMs = 0 } = {}) =>
      new Session(graph, tokenizer, config, {
        chunkTokens,
        contextTokens,
        minKeptMs,
        cacheBytes: 16 * 1024 * 1024,
        maxTopK: Math.min(TOP_K, config.vocabSize),
        runCost: runCostOf(variant),
      }),
  };
}
