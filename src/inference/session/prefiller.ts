/**
 * Prompts to logits: which KV cache a prompt goes into, what of it is there already, and the rest evaluated chunk by chunk.
 */
import type { GenerateRequest, Priority } from '../engine';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { ChunkLength, leavingNoSingle } from './chunkLength';
import type { DecoderGraph, GraphOutput } from './decoderGraph';
import type { GenerationClock } from './generationClock';
import type { KvCache, KvCacheShape } from './kvCache';
import { KvCachePool } from './kvCachePool';
import { fimLayout, KeptSuffixes, type FimLayout, type Reusable } from './keptSuffixes';

export interface PrefillOptions {
  /** Tokens that prompt and answer may fill together. */
  readonly contextTokens: number;
  /** Prompt tokens evaluated in one native run; by observed speed (`ChunkLength`) when absent. */
  readonly chunkTokens?: number;
  /** Memory for keys and values of all prompts held of one priority, in bytes. */
  readonly cacheBytes: number;
  /** A kept suffix is taken over where evaluating it would take longer, in milliseconds. Default: `MIN_KEPT_MS`. */
  readonly minKeptMs?: number;
}

/**
 * What is sooner evaluated is: nearly the model's answer is not quite its answer, and so much passes while the next key is
 * waited for (docs/BENCHMARKS.md, the kept suffix).
 */
export const MIN_KEPT_MS = 80;

/** New tokens that room is made for at once; a longer answer makes more as it goes. */
const ROOM_AHEAD_TOKENS = 128;

/** What is to be evaluated. */
export interface PrefillRequest extends Pick<GenerateRequest, 'priority' | 'keepSuffix'> {
  readonly prompt: number[];
  /** Of the answer; 0 where the prompt alone is wanted by now. */
  readonly maxTokens: number;
}

/** A prompt that has been evaluated, with the logits behind it. */
export interface Prefilled {
  readonly cache: KvCache;
  readonly promptTokens: number;
  readonly output: GraphOutput;
}

interface SuffixToKeep {
  readonly layout: FimLayout;
  /** Nothing is taken over. */
  readonly renew: boolean;
}

/** Whether a cache, cut down to what it has in common with a prompt, holds all of it, and `last` is of that prompt. */
const isWhole = (last: Prefilled, prompt: readonly number[], cache: KvCache): boolean =>
  last.cache === cache && last.promptTokens === prompt.length && cache.length === prompt.length;

export class Prefiller {
  readonly #pools: Record<Priority, KvCachePool>;
  readonly #chunkLength = new ChunkLength();
  readonly #keptSuffixes = new KeptSuffixes();
  readonly #last: Partial<Record<Priority, Prefilled | undefined>> = {};

  constructor(
    private readonly graph: DecoderGraph,
    private readonly tokenizer: Tokenizer,
    cacheShape: KvCacheShape,
    private readonly options: PrefillOptions,
  ) {
    const pool = () => new KvCachePool(cacheShape, options.cacheBytes);
    this.#pools = { interactive: pool(), background: pool() };
  }

  /** Most prompt tokens of the next native run. */
  get chunkTokens(): number {
    return this.options.chunkTokens ?? this.#chunkLength.tokens;
  }

  /**
   * Whatever happens, the cache stays usable: it holds what has been evaluated.
   *
   * @param pause awaited before each native run; what it throws ends the work
   * @returns the cache that holds the prompt, and the logits behind its last token
   * @throws EngineError `native-failure`, `out-of-memory`, and what `pause` throws
   */
  async prefill(
    { prompt, maxTokens, priority = 'interactive', keepSuffix = false }: PrefillRequest,
    pause: () => Promise<void>,
    clock: GenerationClock,
  ): Promise<Prefilled> {
    const ahead = maxTokens === 0 ? this.options.contextTokens - prompt.length : maxTokens;
    const room = prompt.length + Math.min(ahead, ROOM_AHEAD_TOKENS);
    const layout = keepSuffix === false ? undefined : this.#layoutOf(prompt);
    const suffix = layout && { layout, renew: keepSuffix === 'renew' };
    const cache = this.#pools[priority].take(prompt, room, suffix === undefined || suffix.renew);
    const last = this.#last[priority];
    // What is withdrawn half-way leaves other tokens in the cache than those of the last prompt.
    this.#last[priority] = undefined;
    const output =
      last !== undefined && isWhole(last, prompt, cache)
        ? await this.#again(last, pause, clock)
        : await this.#evaluate(prompt, cache, pause, clock, suffix);
    return (this.#last[priority] = { cache, promptTokens: prompt.length, output });
  }

  /** The logits of a prompt that the cache holds whole. */
  async #again(
    { promptTokens, output }: Prefilled,
    pause: () => Promise<void>,
    clock: GenerationClock,
  ): Promise<GraphOutput> {
    await pause();
    clock.cached = promptTokens;
    clock.prefillDone();
    return output;
  }

  /** Evaluates what the cache does not hold yet, or takes it over from an earlier prompt where that is asked for. */
  async #evaluate(
    prompt: number[],
    cache: KvCache,
    pause: () => Promise<void>,
    clock: GenerationClock,
    suffix: SuffixToKeep | undefined,
  ): Promise<GraphOutput> {
    // The last token is evaluated anyway: its logits are what decoding begins with.
    cache.truncate(Math.min(cache.length, prompt.length - 1));
    clock.cached = cache.length;
    const kept = suffix?.renew === false ? this.#worthKeeping(suffix.layout) : undefined;
    if (kept !== undefined && cache.length <= kept.promptTokens) {
      clock.cached += kept.snapshot.tokens.length - kept.from;
      const output = await this.#evaluateAround(kept, prompt, cache, pause);
      clock.prefillDone();
      return output;
    }
    const output = await this.#evaluateUpTo(prompt.length, prompt, cache, pause);
    clock.prefillDone();
    if (suffix !== undefined) this.#keptSuffixes.remember(suffix.layout, cache);
    return output;
  }

  /**
   * Evaluates what comes before a kept suffix and what comes behind it in one run: the suffix is put into the cache first,
   * for the place where it will be, and nothing but the last token sees it.
   */
  async #evaluateAround(
    { snapshot, from, promptTokens }: Reusable,
    prompt: readonly number[],
    cache: KvCache,
    pause: () => Promise<void>,
  ): Promise<GraphOutput> {
    const together = promptTokens - (this.chunkTokens - 1);
    if (cache.length < together) await this.#evaluateUpTo(together, prompt, cache, pause);
    await pause();
    const start = cache.length;
    cache.appendSnapshot(snapshot, from, promptTokens);
    const end = cache.length;
    const before = prompt.slice(start, promptTokens);
    const behind = prompt.slice(promptTokens + end - start);
    const ids = [...before, ...behind];
    const positions = ids.map((_, row) => start + row + (row < before.length ? 0 : end - start));
    const hidden = { from: start, to: end, rows: before.length };
    try {
      const output = await this.graph.run({ ids, rows: [ids.length - 1], positions, hidden }, cache);
      cache.exchange(start, end, end + before.length, true);
      return output;
    } catch (error) {
      cache.truncate(start);
      throw error;
    }
  }

  /** Evaluates the prompt's tokens up to `end`, which the cache does not hold, in chunks. @returns of the last run */
  async #evaluateUpTo(
    end: number,
    prompt: readonly number[],
    cache: KvCache,
    pause: () => Promise<void>,
  ): Promise<GraphOutput> {
    for (;;) {
      await pause();
      const ids = prompt.slice(cache.length, cache.length + this.#nextChunk(end - cache.length));
      const started = performance.now();
      const output = await this.graph.run({ ids, rows: [ids.length - 1] }, cache);
      this.#chunkLength.observe(ids.length, performance.now() - started);
      if (cache.length === end) return output;
    }
  }

  /** What of a suffix can be taken over, where that saves enough. */
  #worthKeeping(layout: FimLayout): Reusable | undefined {
    const kept = this.#keptSuffixes.find(layout);
    if (kept === undefined) return undefined;
    const ms = this.#chunkLength.msOf(kept.snapshot.tokens.length - kept.from);
    const { minKeptMs = MIN_KEPT_MS } = this.options;
    return ms === undefined || ms >= minKeptMs ? kept : undefined;
  }

  #layoutOf(prompt: readonly number[]): FimLayout | undefined {
    const suffix = this.tokenizer.specialId('fim_suffix');
    const middle = this.tokenizer.specialId('fim_middle');
    return suffix === undefined || middle === undefined ? undefined : fimLayout(prompt, { suffix, middle });
  }

  /** Tokens of the next run where so many are left. */
  #nextChunk(left: number): number {
    const { chunkTokens } = this.options;
    if (chunkTokens === undefined) return this.#chunkLength.next(left);
    return leavingNoSingle(left, Math.min(left, chunkTokens));
  }
}
