import type { PromptPart } from '../../src/inference/engine';
import type { LoadedSession } from '../../src/inference/worker/loadSession';
import {
  BENCH_CONTEXT_TOKENS,
  type BenchEngine,
  type BenchEngineOptions,
  type GenerationTimes,
  type LoadTimes,
} from './benchEngine';

/** Our session, in the thread that measures: the worker adds message passing only. */
export class OurEngine implements BenchEngine {
  #loaded: LoadedSession | undefined;

  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<LoadTimes> {
    const { modelPath, cacheDir, threads, variant } = this.options;
    const start = performance.now();
    // Imported here, so that the time to load the native library counts as it does for the other engine.
    const { loadSession } = await import('../../src/inference/worker/loadSession');
    const { NATIVE_VERSION } = await import('../../src/inference/nativeVersion');
    const loaded = await loadSession(
      { modelPath, cacheDir, threads, variant, contextTokens: BENCH_CONTEXT_TOKENS },
      { onProgress: () => undefined, isAborted: () => false },
    );
    this.#loaded = loaded;
    const { convertMs } = loaded.model;
    if (loaded.model.variant !== variant) throw new Error(`loaded ${loaded.model.variant} for ${variant}`);
    return {
      loadMs: performance.now() - start - convertMs,
      convertMs,
      version: `onnxruntime-node ${NATIVE_VERSION}`,
    };
  }

  async generate(
    prompt: readonly PromptPart[],
    tokens: number,
    keepSuffix = false,
  ): Promise<GenerationTimes> {
    if (this.#loaded === undefined) throw new Error('not loaded');
    const start = performance.now();
    let promptTokens = 0;
    let cachedTokens = 0;
    let firstTokenMs = NaN;
    let last = { time: start, tokens: 1 };
    const tokenMs: number[] = [];
    let text = '';
    // No stop tokens and no drafts: every run decodes as many tokens as every other, one by one.
    const request = { prompt, maxTokens: tokens, stopTokens: [], keepSuffix, drafts: false };
    for await (const event of this.#loaded.session.generate(request, () => false)) {
      const time = performance.now();
      if (event.type === 'prefilled') {
        ({ promptTokens, cachedTokens } = event.stats);
        firstTokenMs = time - start;
        last = { time, tokens: 1 };
      }
      if (event.type === 'text') text += event.text;
      if (event.type !== 'text' || event.tokens === last.tokens) continue;
      const steps = event.tokens - last.tokens;
      for (let step = 0; step < steps; step++) tokenMs.push((time - last.time) / steps);
      last = { time, tokens: event.tokens };
    }
    return { promptTokens, cachedTokens, firstTokenMs, tokenMs, text };
  }

  async release(): Promise<void> {
    await this.#loaded?.session.release();
    this.#loaded = undefined;
  }
}
