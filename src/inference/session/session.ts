/**
 * One loaded model: tokens in, events out. A session serves one generation at a time; what the KV cache holds from
 * the last one is used again as far as the new prompt begins alike.
 */
import type { FinishReason, GenerateEvent, GenerateRequest, Priority, SpecialToken } from '../engine';
import { EngineError } from '../errors';
import type { ModelConfig } from '../gguf/modelConfig';
import { IncrementalDecoder } from '../tokenizer/incrementalDecoder';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { ChunkLength } from './chunkLength';
import type { DecoderGraph, GraphOutput } from './decoderGraph';
import { DecodeSteps } from './decodeSteps';
import type { RunCost } from './draftLength';
import { GenerationClock } from './generationClock';
import { KvCache, type KvCacheShape } from './kvCache';
import { KvCachePool } from './kvCachePool';
import { EndScorer, logProbabilityOf, rowOf } from './endScorer';
import { fimLayout, KeptSuffixes, type FimLayout, type Reusable } from './keptSuffixes';
import { createSampler, without, type Candidates } from './sampler';
import { Speller } from './speller';
import { StopStrings } from './stopStrings';

export interface SessionOptions {
  /** Tokens that prompt and answer may fill together. */
  readonly contextTokens: number;
  /** Prompt tokens evaluated in one native run; by observed speed (`ChunkLength`) when absent. */
  readonly chunkTokens?: number;
  readonly maxTopK: number;
  /** Memory for keys and values of all prompts held of one priority, in bytes. */
  readonly cacheBytes: number;
  /** A kept suffix is taken over where evaluating it would take longer, in milliseconds. Default: `MIN_KEPT_MS`. */
  readonly minKeptMs?: number;
  /** Of the graph, for drafts; undefined drafts nothing. */
  readonly runCost?: RunCost;
}

/**
 * What is sooner evaluated is: nearly the model's answer is not quite its answer, and so much passes while the next key is
 * waited for (docs/BENCHMARKS.md, the kept suffix).
 */
export const MIN_KEPT_MS = 80;

/** New tokens that room is made for at once; a longer answer makes more as it goes. */
const ROOM_AHEAD_TOKENS = 128;

/** Asked between native runs; true ends the generation with `aborted`. */
export type IsAborted = () => boolean;

/** How the owner of a session takes part in a generation. */
export interface GenerateHooks {
  /** Time the request has waited already in milliseconds, for its statistics. */
  readonly queueMs?: number;
  /** Awaited between native runs of a background generation: others may use the session meanwhile. */
  readonly yieldTurn?: () => Promise<void>;
}

export class Session {
  readonly #pools: Record<Priority, KvCachePool>;
  readonly #cacheShape: KvCacheShape;
  readonly #chunkLength = new ChunkLength();
  readonly #keptSuffixes = new KeptSuffixes();
  readonly #lastPrefills: Partial<Record<Priority, Prefilled | undefined>> = {};

  constructor(
    private readonly graph: DecoderGraph,
    readonly tokenizer: Tokenizer,
    config: ModelConfig,
    private readonly options: SessionOptions,
  ) {
    this.#cacheShape = kvCacheShape(config, options.contextTokens);
    const pool = () => new KvCachePool(this.#cacheShape, options.cacheBytes);
    this.#pools = { interactive: pool(), background: pool() };
  }

  /**
   * Evaluates the prompt and decodes until a stop. Whatever happens, the cache stays usable: it holds what has been
   * evaluated. Generations of different priority may be interleaved, those of the same one not.
   *
   * @throws EngineError `invalid-request`, `context-overflow`, `aborted`, `native-failure`, `out-of-memory`
   */
  async *generate(
    request: GenerateRequest,
    isAborted: IsAborted,
    hooks: GenerateHooks = {},
  ): AsyncGenerator<GenerateEvent> {
    const sampler = createSampler(request.sampling, this.options.maxTopK);
    const isStop = this.#stopTest(request.stopTokens);
    const scorer =
      request.endScoring === undefined
        ? undefined
        : new EndScorer(this.tokenizer, this.graph, request.endScoring);
    const prompt = this.tokenizer.encodePrompt(request.prompt);
    this.#checkFirstChoice(request.firstChoice);
    const maxTokens = this.#checkLengths(prompt.length, request.maxTokens);

    const clock = new GenerationClock(prompt.length, hooks.queueMs ?? 0);
    const pause = (): Promise<void> => this.#pause(isAborted, hooks.yieldTurn, clock);
    const { priority = 'interactive' } = request;
    const pool = this.#pools[priority];
    const ahead = maxTokens === 0 ? this.options.contextTokens - prompt.length : maxTokens;
    const room = prompt.length + Math.min(ahead, ROOM_AHEAD_TOKENS);
    const { keepSuffix = false } = request;
    const layout = keepSuffix === false ? undefined : this.#layoutOf(prompt);
    const suffix = layout && { layout, renew: keepSuffix === 'renew' };
    const cache = pool.take(prompt, room, suffix === undefined || suffix.renew);
    const last = this.#lastPrefills[priority];
    // What is withdrawn half-way leaves other tokens in the cache than those of the last prompt.
    this.#lastPrefills[priority] = undefined;
    const first =
      last !== undefined && isWhole(last, prompt, cache)
        ? await this.#again(last, pause, clock)
        : await this.#prefill(prompt, cache, pause, clock, suffix);
    this.#lastPrefills[priority] = { cache, promptTokens: prompt.length, output: first };
    yield { type: 'prefilled', stats: clock.stats() };
    if (request.maxTokens === 0) {
      yield { type: 'done', reason: 'max-tokens', stats: clock.stats() };
      return;
    }

    const said = () => ({ tokens: clock.generated, logProbability, accepted: steps.accepted });
    const decoder = new IncrementalDecoder(this.tokenizer);
    const stops = new StopStrings(request.stopStrings ?? []);
    const { minTokens = 0, firstChoice } = request;
    const steps = this.#decodeSteps(request, prompt, cache);
    clock.steps = steps;
    const speller = new Speller(this.tokenizer, request.spell ?? '');
    const open = (all: Candidates): Candidates =>
      speller.open(speller.written < minTokens ? without(all, isStop) : all);
    let candidates = open(rowOf(first, 0));
    let token = firstChoice === undefined ? sampler(candidates) : choiceOf(candidates, firstChoice);
    let logProbability = 0;
    let reason: FinishReason | undefined;
    while (reason === undefined) {
      if (isStop(token)) {
        reason = 'stop-token';
        break;
      }
      clock.generated++;
      logProbability += logProbabilityOf(token, candidates);
      const piece = speller.push(decoder.push(token));
      const { text, stopped } = stops.push(piece);
      if (text !== '') yield { type: 'text', text, ...said() };
      if (stopped) reason = 'stop-string';
      else if (clock.generated >= maxTokens)
        reason = maxTokens < request.maxTokens ? 'context-full' : 'max-tokens';
      else {
        await pause();
        const scored = await scorer?.push(token, piece, candidates, () => steps.settle());
        if (scored !== undefined) {
          yield { type: 'end-score', at: scored.at, logProbability: scored.logProbability };
        }
        if (scored?.next !== undefined) steps.evaluated(token);
        candidates = open(scored?.next ?? (await steps.step(token, maxTokens - clock.generated - 1, pause)));
        token = sampler(candidates);
      }
    }
    if (reason !== 'stop-string') {
      const rest = stops.push(decoder.flush());
      const text = rest.stopped ? rest.text : rest.text + stops.flush();
      if (text !== '') yield { type: 'text', text, ...said() };
    }
    yield { type: 'done', reason, stats: clock.stats() };
  }

  /**
   * Full logits of each token of `ids`, for tests and measurements: f32[ids.length, V].
   * @throws EngineError as `generate`
   */
  async evaluate(ids: readonly number[]): Promise<Float32Array[]> {
    const cache = new KvCache(this.#cacheShape);
    const rows: Float32Array[] = [];
    while (cache.length < ids.length) {
      const chunk = ids.slice(cache.length, cache.length + this.#chunkTokens);
      const { logits } = await this.graph.run(
        { ids: chunk, rows: chunk.map((_, index) => index), fullLogits: true },
        cache,
      );
      const width = (logits?.length ?? 0) / chunk.length;
      for (let row = 0; row < chunk.length; row++) {
        rows.push((logits as Float32Array).slice(row * width, (row + 1) * width));
      }
    }
    return rows;
  }

  async release(): Promise<void> {
    await this.graph.release();
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
  async #prefill(
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
    const together = promptTokens - (this.#chunkTokens - 1);
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

  get #chunkTokens(): number {
    return this.options.chunkTokens ?? this.#chunkLength.tokens;
  }

  /** Tokens of the next run where so many are left. */
  #nextChunk(left: number): number {
    const { chunkTokens } = this.options;
    if (chunkTokens === undefined) return this.#chunkLength.next(left);
    return left === chunkTokens + 1 ? left : Math.min(left, chunkTokens);
  }

  #decodeSteps(
    { drafts = true, endScoring }: GenerateRequest,
    prompt: readonly number[],
    cache: KvCache,
  ): DecodeSteps {
    const cost = drafts ? this.options.runCost : undefined;
    // At the end of a line the scorer needs the cache for itself: what was drafted beyond it would be lost.
    const mayDraft = (id: number): boolean =>
      !this.tokenizer.isSpecial(id) &&
      (endScoring === undefined || !this.tokenizer.decode([id]).includes('\n'));
    return new DecodeSteps(this.graph, cache, prompt, cost && { cost, mayDraft });
  }

  /** Lets the event loop take new messages between native runs, then looks whether the request is still wanted. */
  async #pause(
    isAborted: IsAborted,
    yieldTurn: GenerateHooks['yieldTurn'],
    clock: GenerationClock,
  ): Promise<void> {
    if (yieldTurn === undefined) await new Promise((resolve) => setImmediate(resolve));
    else await clock.leaveOut(yieldTurn);
    if (isAborted()) throw new EngineError('aborted', 'The request was withdrawn.');
  }

  #stopTest(stopTokens: readonly SpecialToken[] | undefined): (id: number) => boolean {
    if (stopTokens === undefined) return (id) => this.tokenizer.isSpecial(id);
    const ids = new Set(stopTokens.map((token) => this.tokenizer.specialId(token)));
    return (id) => ids.has(id);
  }

  #checkFirstChoice(choice: number | undefined): void {
    const { maxTopK } = this.options;
    if (choice === undefined || (Number.isInteger(choice) && choice >= 0 && choice < maxTopK)) return;
    throw new EngineError(
      'invalid-request',
      `firstChoice must be a whole number from 0 to ${maxTopK - 1}, not ${choice}.`,
    );
  }

  /** @returns how many tokens may be generated */
  #checkLengths(promptTokens: number, wanted: number): number {
    if (promptTokens === 0) throw new EngineError('invalid-request', 'The prompt is empty.');
    if (!Number.isInteger(wanted) || wanted < 0) {
      throw new EngineError(
        'invalid-request',
        `maxTokens must be a whole number of at least 0, not ${wanted}.`,
      );
    }
    const room = this.options.contextTokens - promptTokens;
    if (room < 1) {
      throw new EngineError(
        'context-overflow',
        `The prompt has ${promptTokens} tokens; the context holds ${this.options.contextTokens}.`,
        { promptTokens, contextTokens: this.options.contextTokens },
      );
    }
    return Math.min(wanted, room);
  }
}

/** The last prompt that was evaluated, with the logits behind it. */
interface Prefilled {
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

/** The n-th likeliest, or the last there is. */
const choiceOf = ({ ids }: Candidates, choice: number): number => Number(ids.at(choice) ?? ids.at(-1));

/** The shape of a model's KV caches. */
export const kvCacheShape = (config: ModelConfig, maxTokens: number): KvCacheShape => ({
  layers: config.blockCount,
  kvHeads: config.kvHeadCount,
  headDim: config.headDim,
  ropeTheta: config.ropeTheta,
  maxTokens,
});
