import type { GenerateStats } from '../engine';
import type { DecodeSteps } from './decodeSteps';

/** Counts and times one generation. */
export class GenerationClock {
  cached = 0;
  generated = 0;
  steps: DecodeSteps | undefined;
  readonly #start = performance.now();
  #prefilled: number | undefined;
  #leftOutMs = 0;

  constructor(
    private readonly promptTokens: number,
    private readonly queueMs: number,
  ) {}

  prefillDone(): void {
    this.#prefilled = this.#now();
  }

  /** Waits for something that is none of this generation's own time. */
  async leaveOut(wait: () => Promise<void>): Promise<void> {
    const from = performance.now();
    await wait();
    this.#leftOutMs += performance.now() - from;
  }

  stats(): GenerateStats {
    const now = this.#now();
    const prefilled = this.#prefilled ?? now;
    return {
      promptTokens: this.promptTokens,
      cachedTokens: this.cached,
      generatedTokens: this.generated,
      queueMs: this.queueMs,
      prefillMs: prefilled - this.#start,
      decodeMs: now - prefilled,
      draftedTokens: this.steps?.drafted ?? 0,
      acceptedTokens: this.steps?.accepted ?? 0,
    };
  }

  #now(): number {
    return performance.now() - this.#leftOutMs;
  }
}
