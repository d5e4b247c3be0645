/** From a GGUF on disk to a session that can generate; runs in the worker. */
import { basename } from 'node:path';
import type { LoadedModel, LoadPhase, Variant } from '../engine';
import { EngineError } from '../errors';
import { readModelConfig, type ModelConfig } from '../gguf/modelConfig';
import { readGguf } from '../gguf/readGguf';
import { TOP_K } from '../graph/limits';
import type { LoadOptions } from '../protocol';
import { DecoderGraph } from '../session/decoderGraph';
import { Session } from '../session/session';
import { openConvertedModel } from '../store/convertedModel';
import { weightsIdentity } from '../store/weightsIdentity';
import { tokenizerFromGguf } from '../tokenizer/fromGguf';

export interface LoadHooks {
  readonly onProgress: (phase: LoadPhase, fraction?: number) => void;
  readonly isAborted: () => boolean;
}

export interface LoadedSession {
  readonly session: Session;
  readonly model: LoadedModel;
  readonly config: ModelConfig;
}

const VARIANT: Variant = 'exact';

/**
 * Prompt tokens per native run. An abort waits for the run under way, so a chunk is kept to a fraction of a second;
 * above 64 rows the 8-bit kernels gain next to nothing.
 */
const CHUNK_TOKENS = 64;

/**
 * Checks the weights, converts them if that has not been done, and loads graph and tokenizer.
 * @throws EngineError `model-missing`, `model-corrupt`, `model-unsupported`, `checksum-mismatch`,
 *   `converted-corrupt`, `native-failure`, `out-of-memory`, `disk-full`, `io`, `aborted`
 */
export async function loadSession(options: LoadOptions, hooks: LoadHooks): Promise<LoadedSession> {
  const start = performance.now();
  const { modelPath, cacheDir } = options;
  hooks.onProgress('verifying');
  const file = await readGguf(modelPath);
  const config = readModelConfig(file);
  const sha256 = await weightsIdentity(modelPath, cacheDir, {
    onProgress: (done, total) => hooks.onProgress('verifying', done / total),
    isAborted: hooks.isAborted,
  });
  if (options.expectedSha256 !== undefined && sha256 !== options.expectedSha256) {
    throw new EngineError(
      'checksum-mismatch',
      `The model file ${basename(modelPath)} is damaged: its SHA-256 is not the published one.`,
      { path: modelPath, expected: options.expectedSha256, found: sha256 },
    );
  }
  const converted = await openConvertedModel({
    source: file,
    sha256,
    variant: VARIANT,
    cacheDir,
    onProgress: (fraction) => hooks.onProgress('converting', fraction),
    isAborted: hooks.isAborted,
  });
  if (hooks.isAborted()) throw new EngineError('aborted', 'Loading was cancelled.');
  hooks.onProgress('loading');
  const tokenizer = tokenizerFromGguf(file.metadata);
  const graph = await DecoderGraph.load(converted.modelFile, config.blockCount, options.threads);
  const contextTokens = Math.min(options.contextTokens, converted.maxPositions);
  const session = new Session(graph, tokenizer, config, {
    contextTokens,
    chunkTokens: CHUNK_TOKENS,
    maxTopK: Math.min(TOP_K, config.vocabSize),
  });
  const model: LoadedModel = {
    name: options.displayName ?? config.name,
    architecture: config.architecture,
    variant: VARIANT,
    contextTokens,
    threads: options.threads,
    loadMs: performance.now() - start - converted.convertMs,
    convertMs: converted.convertMs,
  };
  return { session, model, config };
}
