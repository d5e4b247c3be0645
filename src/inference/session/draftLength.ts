/**
 * How many tokens to draft: as many as are worth evaluating, by how often drafts behind matches of such length have
 * been right in this generation. Nothing here depends on the time of day or the load of the machine, so that the same
 * request gives the same runs, and with them the same text.
 */

import type { Variant } from '../engine';

/** Time of a run over so many tokens, in times of one over a single token. */
export type RunCost = (tokens: number) => number;

/**
 * Of int8 matmuls, which take four rows at once, and of 8-bit blocks. Measured with 0.5B and 600 tokens in the cache on
 * two cores with VNNI: 4, 8, 12, 16 tokens 1.29, 1.59, 1.93, 2.24 and 1.48, 2.08, 2.44, 3.08 times as long as one.
 */
export const RUN_COSTS = {
  int8: (tokens: number) => (tokens === 1 ? 1 : 0.98 + 0.32 * Math.ceil(tokens / 4)),
  blocks: (tokens: number) => 1 + 0.14 * (tokens - 1),
} as const satisfies Record<string, RunCost>;

/** Of the graph of a variant. */
export const runCostOf = (variant: Variant): RunCost =>
  variant === 'exact' ? RUN_COSTS.blocks : RUN_COSTS.int8;

/** More are not drafted: a run that cannot be aborted stays short. */
export const MAX_DRAFT = 15;

/** A draft must promise so many times the tokens per time that a single token gives. */
const MIN_GAIN = 1.1;

/**
 * By length of the match: the least length, and how likely each token of a draft is right before anything has been
 * seen. 0 stands for the text behind a token that was replaced.
 */
const CLASSES = [
  { from: 0, rate: 0.3 },
  { from: 1, rate: 0.2 },
  { from: 2, rate: 0.4 },
  { from: 3, rate: 0.6 },
  { from: 5, rate: 0.75 },
  { from: 9, rate: 0.88 },
] as const;

/** What has not been seen counts like so many tokens seen. */
const PRIOR_TOKENS = 6;

export class DraftLength {
  readonly #seen = CLASSES.map(({ rate }) => ({ tokens: PRIOR_TOKENS, right: PRIOR_TOKENS * rate }));

  constructor(private readonly cost: RunCost) {}

  /**
   * @param match tokens that match before the draft
   * @param most tokens that may be drafted
   * @returns tokens to draft, 0 where none pay
   */
  choose(match: number, most: number): number {
    const { tokens, right } = this.#class(match);
    const rate = right / tokens;
    let best = { count: 0, gain: MIN_GAIN };
    let expected = 1;
    let chance = 1;
    for (let count = 1; count <= Math.min(most, MAX_DRAFT); count++) {
      chance *= rate;
      expected += chance;
      const gain = expected / this.cost(count + 1);
      if (gain > best.gain) best = { count, gain };
    }
    return best.count;
  }

  /** Takes what became of a draft: of `drafted` tokens the first `right` were what followed. */
  observe(match: number, drafted: number, right: number): void {
    const seen = this.#class(match);
    seen.right += right;
    seen.tokens += Math.min(drafted, right + 1);
  }

  #class(match: number): { tokens: number; right: number } {
    const index = CLASSES.findLastIndex(({ from }) => from <= match);
    return this.#seen[index] as { tokens: number; right: number };
  }
}
