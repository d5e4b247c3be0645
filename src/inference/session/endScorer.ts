/**
 * Lets the model say where a middle ends: wherever it may, the first tokens of the text behind the cursor are run
 * behind what has been written, and how likely they are there is told. Such a run costs little more than the token
 * that it also evaluates, and its first row is what decoding goes on with.
 */
import type { EndScoring } from '../engine';
import { EngineError } from '../errors';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { DecoderGraph, GraphOutput } from './decoderGraph';
import type { KvCache } from './kvCache';
import type { Candidates } from './sampler';

/** Enough of the suffix for any number of tokens that may be asked for. UTF-16 units. */
const SUFFIX_UNITS = 400;
export const MAX_SCORED_TOKENS = 16;

/** A place where the text may end. */
interface Candidate {
  /** UTF-16 units of the text that come before. */
  readonly at: number;
  /** Ids behind what the cache holds: the rest of the text up to `at`, and the suffix. */
  readonly ids: readonly number[];
}

export interface EndScore {
  readonly at: number;
  /** Mean over the suffix's first tokens, in nats. */
  readonly logProbability: number;
  /** What follows the token that was written, where the run has evaluated it. */
  readonly next: Candidates | undefined;
}

export class EndScorer {
  readonly #suffix: string;
  readonly #tokens: number;
  /** Ids of the suffix where a token begins with it. */
  readonly #suffixIds: readonly number[];
  readonly #suffixBeginsLine: boolean;
  /** UTF-16 units written. */
  #length = 0;
  #blank = true;
  #lastAt = -1;

  /** @throws EngineError `invalid-request` */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly graph: DecoderGraph,
    { suffix, tokens }: EndScoring,
  ) {
    if (!Number.isInteger(tokens) || tokens < 1 || tokens > MAX_SCORED_TOKENS) {
      throw new EngineError(
        'invalid-request',
        `endScoring.tokens must be a whole number from 1 to ${MAX_SCORED_TOKENS}, not ${tokens}.`,
      );
    }
    this.#suffix = suffix.slice(0, SUFFIX_UNITS);
    this.#tokens = tokens;
    this.#suffixIds = tokenizer.encode(this.#suffix);
    this.#suffixBeginsLine = /^[ \t]*\r?\n/.test(suffix);
  }

  /**
   * Looks at a token that has been written and is not in the cache yet.
   *
   * @param piece text that it has added
   * @param before candidates that it was chosen from
   * @param settled gives the cache with all that comes before the token; afterwards it holds the token too, where `next`
   *   is there. Not called where nothing is run
   * @returns undefined where the text cannot end there
   * @throws EngineError as `DecoderGraph.run`
   */
  async push(
    token: number,
    piece: string,
    before: Candidates,
    settled: () => KvCache,
  ): Promise<EndScore | undefined> {
    const candidate = this.#candidate(token, piece);
    this.#length += piece.length;
    if (piece.trim() !== '') this.#blank = false;
    if (candidate === undefined || candidate.at === this.#lastAt) return undefined;
    // A token that the joined text begins with as well was the model's own choice and says nothing about the suffix.
    const given = candidate.ids[0] === token ? 1 : 0;
    const scored = candidate.ids.slice(given, given + this.#tokens);
    if (scored.length === 0) return undefined;
    const ids = candidate.ids.slice(0, given + scored.length - 1);
    if (ids.length === 0) return undefined;
    const cache = settled();
    if (cache.length + ids.length > cache.shape.maxTokens) return undefined;
    this.#lastAt = candidate.at;

    const length = cache.length;
    const output = await this.graph.run({ ids, rows: ids.map((_, row) => row) }, cache);
    cache.truncate(length + given);
    const sum = scored.reduce((total, id, index) => {
      const row = given + index - 1;
      return total + logProbabilityOf(id, row < 0 ? before : rowOf(output, row));
    }, 0);
    const next = given === 1 ? rowOf(output, 0) : undefined;
    return { at: candidate.at, logProbability: sum / scored.length, next };
  }

  #candidate(token: number, piece: string): Candidate | undefined {
    // A token that completes a character of earlier ones has no place of its own.
    if (this.tokenizer.decode([token]) !== piece) return undefined;
    if (token === this.#suffixIds[0]) {
      return this.#blank ? undefined : { at: this.#length, ids: this.#suffixIds };
    }
    const newline = piece.indexOf('\n');
    if (newline < 0) return undefined;
    // A suffix with its own end of line takes the place of the one written.
    const kept = this.#suffixBeginsLine ? piece.slice(0, newline) : piece;
    if (this.#blank && kept.trim() === '') return undefined;
    return { at: this.#length + kept.length, ids: this.tokenizer.encode(kept + this.#suffix) };
  }
}

/**
 * Of one token among the K largest logits of a row, in nats: what lies outside of them is taken for nothing, and a
 * token outside for the last of them.
 */
export function logProbabilityOf(id: number, { logits, ids }: Candidates): number {
  const largest = logits[0] as number;
  let mass = 0;
  for (const logit of logits) mass += Math.exp(logit - largest);
  const index = ids.indexOf(BigInt(id));
  const logit = logits.at(index) as number;
  return logit - largest - Math.log(mass);
}

/** Candidates of one row of a run. */
export const rowOf = ({ topLogits, topIds, k }: GraphOutput, row: number): Candidates => ({
  logits: topLogits.subarray(row * k, (row + 1) * k),
  ids: topIds.subarray(row * k, (row + 1) * k),
});
