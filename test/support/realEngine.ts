/** The engine with real weights in plain Node, as the extension makes it. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Engine, VariantChoice } from '../../src/inference/engine';
import { sharedConvertedDir } from './sharedStorage';
import { createWorkerEngine } from '../../src/inference/worker/workerEngine';

const CONTEXT_TOKENS = 4096;

/** Not loaded yet; to be disposed of. */
export function realEngine(modelPath: string, variant: VariantChoice = 'auto'): Engine {
  return createWorkerEngine({
    load: {
      modelPath,
      cacheDir: sharedConvertedDir(),
      threads: Math.min(2, availableParallelism()),
      variant,
      contextTokens: CONTEXT_TOKENS,
    },
    workerFile: resolve('dist/worker.js'),
    probeFile: resolve('dist/nativeProbe.js'),
    log: () => undefined,
  });
}

/**
 * A process that dies with the engine in it counts as a crash for all windows of this machine, and one that goes on
 * without it measures nothing.
 */
export function disposeWhenInterrupted(engine: Engine): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => void engine.dispose().finally(() => process.exit(1)));
  }
}
