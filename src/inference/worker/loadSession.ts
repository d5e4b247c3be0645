/** From a GGUF on disk to a session that can generate; runs in the worker. */
import { basename } from 'node:path';
import type { LoadedModel, LoadPhase, Variant, VariantReport } from '../engine';
import { EngineError } from '../errors';
import { readModelConfig, type ModelConfig } from '../gguf/modelConfig';
import { readGguf, type GgufFile } from '../gguf/readGguf';
import { TOP_K } from '../graph/limits';
import type { LoadOptions } from '../protocol';
import { runCostOf } from '../session/draftLength';
import { openDecoderGraph } from '../session/openDecoderGraph';
import { packModel } from '../session/packModel';
import { Session } from '../session/session';
import { openConvertedModel } from '../store/convertedModel';
import { avoidedVariants } from '../store/crashHistory';
import { weightsIdentity } from '../store/weightsIdentity';
import { tokenizerFromGguf } from '../tokenizer/fromGguf';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { chooseVariant } from '../variant/chooseVariant';
import { openSlice } from '../variant/modelSlice';
import { processorName, rememberedVariant } from '../variant/rememberedVariant';

export interface LoadHooks {
  readonly onProgress: (phase: LoadPhase, fraction?: number) => void;
  readonly isAborted: () => boolean;
  /** The variant that is tried or loaded from now on. */
  readonly onVariant?: (variant: Variant) => void;
}

export interface LoadedSession {
  readonly session: Session;
  readonly model: LoadedModel;
  readonly config: ModelConfig;
}

/** What the keys and values of all prompts held may take, in bytes: 4,000 tokens of the 0.5B model. */
const CACHE_BYTES = 96 * 1024 * 1024;

/** Evaluated to choose a variant. Any code will do; it is part of what a remembered choice means. */
const CHECK_TEXT = `def moving_average(values, width):
    """Mean of each window of neighbouring values."""
    if width < 1:
        raise ValueError('width must be positive')
    total = sum(values[:width])
    means = [total / width]
    for old, new in zip(values, values[width:]):
        total += new - old
        means.append(total / width)
    return means
`;

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
  const tokenizer = tokenizerFromGguf(file.metadata);
  const { variant, report } = await decideVariant(options, hooks, { file, config, sha256, tokenizer });
  hooks.onVariant?.(variant);
  const converted = await openConvertedModel({
    source: file,
    sha256,
    variant,
    cacheDir,
    onProgress: (fraction) => hooks.onProgress('converting', fraction),
    ...(variant !== 'exact' && { pack: packModel }),
    // Another window converts: for the person that is the same.
    onWaiting: () => hooks.onProgress('converting'),
    isAborted: hooks.isAborted,
  });
  if (hooks.isAborted()) throw new EngineError('aborted', 'Loading was cancelled.');
  hooks.onProgress('loading');
  const graph = await openDecoderGraph(file, config, variant, converted.modelFile, options.threads);
  const contextTokens = Math.min(options.contextTokens, converted.maxPositions);
  const session = new Session(graph, tokenizer, config, {
    contextTokens,
    cacheBytes: CACHE_BYTES,
    runCost: runCostOf(variant),
    maxTopK: Math.min(TOP_K, config.vocabSize),
  });
  const model: LoadedModel = {
    name: options.displayName ?? config.name,
    architecture: config.architecture,
    variant,
    contextTokens,
    threads: options.threads,
    loadMs: performance.now() - start - converted.convertMs,
    convertMs: converted.convertMs,
    ...(report === undefined ? {} : { choice: report }),
  };
  return { session, model, config };
}

/** The variant that was asked for, or the one that suits this machine. */
async function decideVariant(
  { variant = 'auto', threads, cacheDir }: LoadOptions,
  { onProgress, isAborted, onVariant }: LoadHooks,
  model: { file: GgufFile; config: ModelConfig; sha256: string; tokenizer: Tokenizer },
): Promise<{ variant: Variant; report?: VariantReport }> {
  if (variant !== 'auto') return { variant };
  const { file: source, config, sha256: weightsSha256, tokenizer } = model;
  const avoided = await avoidedVariants(cacheDir);
  const key = { weightsSha256, threads, processor: processorName(), avoided };
  return rememberedVariant(cacheDir, key, () => {
    onProgress('measuring');
    const prompt = tokenizer.encode(CHECK_TEXT);
    return chooseVariant((candidate) => {
      onVariant?.(candidate);
      return openSlice({ source, config, variant: candidate, prompt, threads, cacheDir, isAborted });
    }, avoided);
  });
}
