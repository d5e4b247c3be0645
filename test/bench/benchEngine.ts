import type { PromptPart } from '../../src/inference/engine';

/** Both engines get the same room and the same threads. */
export const BENCH_CONTEXT_TOKENS = 2048;

/** One greedy generation. Times in milliseconds. */
export interface GenerationTimes {
  readonly promptTokens: number;
  /** Prompt tokens that were still in the KV cache. */
  readonly cachedTokens: number;
  /** From the text of the prompt to the first token; encoding the text is part of it. */
  readonly firstTokenMs: number;
  /** Each token behind the first. */
  readonly tokenMs: readonly number[];
}

export interface LoadTimes {
  /** From importing the library to being ready for a prompt. */
  readonly loadMs: number;
  /** Spent on converting at this start. */
  readonly convertMs: number;
  /** Name, version and build in words. */
  readonly version: string;
}

/** What the two engines are measured by. Methods are called one after the other. */
export interface BenchEngine {
  load(): Promise<LoadTimes>;
  /** Evaluates what the KV cache does not hold of the prompt, then decodes `tokens` tokens, at least one. */
  generate(prompt: readonly PromptPart[], tokens: number): Promise<GenerationTimes>;
  release(): Promise<void>;
}

export interface BenchEngineOptions {
  readonly modelPath: string;
  readonly threads: number;
  /** Folder for converted files; only ours has such. */
  readonly cacheDir: string;
}
