/**
 * One loaded model: tokens in, events out. A session serves one generation at a time; what the KV cache holds from
 * the last one is used again as far as the new prompt begins alike.
 */
import type { FinishReason, GenerateEvent, GenerateRequest, SpecialToken } from '../engine';
import { EngineError } from '../errors';
import type { ModelConfig } from '../gguf/modelConfig';
import { IncrementalDecoder } from '../tokenizer/incrementalDecoder';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { DecoderGraph } from './decoderGraph';
import { DecodeSteps } from './decodeSteps';
import type { RunCost } from './draftLength';
import { GenerationClock } from './generationClock';
import { KvCache, type KvCacheShape } from './kvCache';
import { EndScorer, logProbabilityOf, rowOf } from './endScorer';
import { Prefiller, type PrefillOptions } from './prefiller';
import { createSampler, without, type Candidates } from './sampler';
import { Speller } from './speller';
import { StopStrings } from './stopStrings';

export interface SessionOptions extends PrefillOptions {
  readonly maxTopK: number;
  /** Of the graph, for drafts; undefined drafts nothing. */
  readonly runCost?: RunCost;
}

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
  readonly #cacheShape: KvCacheShape;
  readonly #prefiller: Prefiller;

  constructor(
    private readonly graph: DecoderGraph,
    readonly tokenizer: Tokenizer,
    config: ModelConfig,
    private readonly options: SessionOptions,
  ) {
    this.#cacheShape = kvCacheShape(config, options.contextTokens);
    this.#prefiller = new Prefiller(graph, tokenizer, this.#cacheShape, options);
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
    const { cache, output } = await this.#prefiller.prefill({ ...request, prompt, maxTokens }, pause, clock);
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
    let candidates = open(rowOf(output, 0));
    let token = firstChoice === undefined ? sampler(candidates) : choiceOf(candidates, firstChoice);
    let logProbability = 0;
    let reason: FinishReason | undefined;
    while (reason === undefined) {
      logProbability += logProbabilityOf(token, candidates);
      if (isStop(token)) {
        reason = 'stop-token';
        break;
      }
      clock.generated++;
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
    yield {
      ...{ type: 'done', reason, stats: clock.stats() },
      ...(reason === 'stop-token' && { logProbability }),
    };
  }

  /**
   * Full logits of each token of `ids`, for tests and measurements: f32[ids.length, V].
   * @throws EngineError as `generate`
   */
  async evaluate(ids: readonly number[]): Promise<Float32Array[]> {
    const cache = new KvCache(this.#cacheShape);
    const rows: Float32Array[] = [];
    while (cache.length < ids.length) {
      const chunk = ids.slice(cache.length, cache.length + this.#prefiller.chunkTokens);
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
