/**
 * Decoding step by step, with drafts: a run evaluates the token that was chosen and some that are likely to follow, and
 * as long as those are what is chosen then, their logits are there already. What is chosen is none of this file's
 * business, so sampled text keeps its distribution: a draft only saves the run.
 */
import type { DecoderGraph, GraphOutput } from './decoderGraph';
import { DraftLength, type RunCost } from './draftLength';
import { rowOf } from './endScorer';
import type { KvCache } from './kvCache';
import { longestOccurrence, tokensFrom, type Occurrence } from './promptLookup';
import type { Candidates } from './sampler';

export interface DraftOptions {
  readonly cost: RunCost;
  /** Whether a token may be drafted; a draft ends before the first that may not. */
  readonly mayDraft: (id: number) => boolean;
}

/** Tokens that have been evaluated, of which the first `taken` have been chosen. */
interface Ahead {
  readonly ids: readonly number[];
  readonly output: GraphOutput;
  readonly source: Occurrence;
  /** Tokens in the cache before the run. */
  readonly start: number;
  taken: number;
}

export class DecodeSteps {
  /** Tokens drafted so far, and those of them that were chosen. */
  drafted = 0;
  accepted = 0;
  readonly #known: number[];
  readonly #length: DraftLength | undefined;
  #ahead: Ahead | undefined;
  /** Where the text may go on whose next token was replaced by another. */
  #behindReplaced: number | undefined;

  /**
   * @param prompt all that the cache holds
   * @param cache used by nobody else but through `settle`
   * @param drafts undefined: a run for each token
   */
  constructor(
    private readonly graph: DecoderGraph,
    private readonly cache: KvCache,
    prompt: readonly number[],
    private readonly drafts: DraftOptions | undefined,
  ) {
    this.#known = [...prompt];
    this.#length = drafts && new DraftLength(drafts.cost);
  }

  /**
   * What may follow a token that was chosen.
   * @param remaining tokens that may be chosen behind it
   * @param pause awaited before a run
   * @throws EngineError as `DecoderGraph.run`
   */
  async step(token: number, remaining: number, pause: () => Promise<void>): Promise<Candidates> {
    const there = this.#take(token);
    if (there !== undefined) return there;
    await pause();
    this.#learn();
    this.settle();
    this.#known.push(token);
    const source = this.#source();
    const draft = source === undefined ? [] : this.#draft(source, remaining);
    const ids = [token, ...draft];
    const start = this.cache.length;
    const output = await this.graph.run({ ids, rows: [...ids.keys()] }, this.cache);
    this.drafted += draft.length;
    if (source !== undefined && draft.length > 0) this.#ahead = { ids, output, source, start, taken: 1 };
    return rowOf(output, 0);
  }

  /** Has the cache hold what was chosen and nothing else, for a run of somebody else. */
  settle(): KvCache {
    if (this.#ahead !== undefined) this.cache.truncate(this.#ahead.start + this.#ahead.taken);
    this.#ahead = undefined;
    return this.cache;
  }

  /** A token that was chosen has been evaluated by somebody else. */
  evaluated(token: number): void {
    this.#known.push(token);
  }

  #take(token: number): Candidates | undefined {
    const ahead = this.#ahead;
    if (ahead === undefined || ahead.ids[ahead.taken] !== token) return undefined;
    this.accepted++;
    this.#known.push(token);
    return rowOf(ahead.output, ahead.taken++);
  }

  /** What has become of the last draft: all of it was chosen, or something else in place of one of its tokens. */
  #learn(): void {
    if (this.#ahead === undefined) return;
    const { taken, ids, source } = this.#ahead;
    this.#length?.observe(source.length, ids.length - 1, taken - 1);
    const next = source.from + taken;
    if (taken < ids.length && next < this.#known.length) this.#behindReplaced = next;
  }

  #source(): Occurrence | undefined {
    if (this.#length === undefined) return undefined;
    const replaced = this.#behindReplaced;
    this.#behindReplaced = undefined;
    const found = longestOccurrence(this.#known);
    if (replaced === undefined || (found?.length ?? 0) > 1) return found;
    return { from: replaced, length: 0 };
  }

  #draft(source: Occurrence, remaining: number): number[] {
    const room = Math.min(remaining, this.cache.shape.maxTokens - this.cache.length - 1);
    const count = this.#length?.choose(source.length, room) ?? 0;
    const draft = tokensFrom(this.#known, source.from, count);
    const end = draft.findIndex((id) => this.drafts?.mayDraft(id) !== true);
    return end < 0 ? draft : draft.slice(0, end);
  }
}
