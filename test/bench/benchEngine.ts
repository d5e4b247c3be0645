import type { PromptPart, Variant } from '../../src/inference/engine';
import type { MemoryReading } from './processMemory';

/** All engines get the same room and the same threads; room for the longest prefill and what is decoded behind it. */
export const BENCH_CONTEXT_TOKENS = 2304;

/** One greedy generation. Times in milliseconds. */
export interface GenerationTimes {
  readonly promptTokens: number;
  /** Prompt tokens that were still in the KV cache. */
  readonly cachedTokens: number;
  /** From the prompt to the first token. */
  readonly firstTokenMs: number;
  /** Each token behind the first. */
  readonly tokenMs: readonly number[];
  /** What was written, where the engine tells. */
  readonly text?: string;
  /** What an engine in a process of its own says by its own clock. */
  readonly own?: OwnTimes;
}

export interface OwnTimes {
  readonly prefillMs: number;
  /** Mean of a token. */
  readonly decodeMs: number;
}

export interface LoadTimes {
  /** From importing the library, or starting the server, to being ready for a prompt. */
  readonly loadMs: number;
  /** Spent on converting at this start. */
  readonly convertMs: number;
  /** Name, version and build in words. */
  readonly version: string;
}

/** What the engines are measured by. Methods are called one after the other. */
export interface BenchEngine {
  load(): Promise<LoadTimes>;
  /**
   * Evaluates what the KV cache does not hold of the prompt, then decodes `tokens` tokens, at least one.
   * @param keepSuffix as `GenerateRequest.keepSuffix`; only ours has that
   */
  generate(prompt: readonly PromptPart[], tokens: number, keepSuffix?: boolean): Promise<GenerationTimes>;
  release(): Promise<void>;
  /** Of the process that computes, where it is not the caller's own. */
  memory?(): Promise<MemoryReading>;
}

export interface BenchEngineOptions {
  readonly modelPath: string;
  readonly threads: number;
  /** Folder for converted files; only ours has such. */
  readonly cacheDir: string;
  /** Only ours has variants. */
  readonly variant: Variant;
  /** Path of the native `llama-server`, where there is one. */
  readonly serverProgram?: string;
}
