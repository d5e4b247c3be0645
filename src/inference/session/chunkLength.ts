/**
 * How many prompt tokens go into one native run. An abort waits for the run under way, so a run should take about
 * `TARGET_MS`; within that, longer is faster for each token. Where so short a run would be spent on its fixed cost, it may
 * take more. Speeds are observed, since they differ between machines by a factor of fifty, and with the length of the context.
 */

/** Longest time that an abort should have to wait, in milliseconds. */
const TARGET_MS = 150;
/**
 * The same for runs of up to `USEFUL_TOKENS`. Half of that many take 1.3 times as long for each token (1.5B on two cores,
 * docs/BENCHMARKS.md, prefill by chunk length), which every prompt would pay for.
 */
const SLOW_TARGET_MS = 300;
const USEFUL_TOKENS = 64;
/** Aim below the target: the next chunk stands behind a longer context, and other programs come and go. */
const AIM = 0.95;
/**
 * What a run costs besides its tokens, in tokens: all weights come from memory once. With 0.5B on two cores runs of 16,
 * 32, 64, 128 and 256 tokens took as long as this says within a tenth (docs/BENCHMARKS.md, prefill by chunk length).
 */
const FIXED_TOKENS = 20;
const FIRST_TOKENS = 32;
/** The next run is at most so many times as long as any before. */
const GROWTH = 2;
const MIN_TOKENS = 16;
/** Runs of the same length scatter by so much, mostly because other programs come and go. */
const SCATTER = 1.25;
/** Kernels take rows by fours or eights. */
const STEP = 8;
/** More rows gain nothing and take more memory for activations. */
const MAX_TOKENS = 256;

/** No single token is left for a last run: runs of one row round otherwise, and answers would depend on chunks. */
export const leavingNoSingle = (left: number, count: number): number => (left - count === 1 ? left : count);

/** Tokens of a run that takes so long. */
const fitting = (ms: number, msPerToken: number): number =>
  Math.floor(((AIM * ms) / msPerToken - FIXED_TOKENS) / STEP) * STEP;

export class ChunkLength {
  /** Milliseconds that one more token adds to a run. */
  #msPerToken: number | undefined;
  /** Tokens of the longest run observed. */
  #longest = FIRST_TOKENS;

  /** Most tokens of the next run. */
  get tokens(): number {
    if (this.#msPerToken === undefined) return FIRST_TOKENS;
    const useful = Math.min(USEFUL_TOKENS, fitting(SLOW_TARGET_MS, this.#msPerToken));
    const fit = Math.max(useful, fitting(TARGET_MS, this.#msPerToken));
    // What is assumed of short runs need not hold for long ones.
    const known = GROWTH * this.#longest;
    return Math.max(MIN_TOKENS, Math.min(MAX_TOKENS, known, fit));
  }

  /**
   * Tokens for the next run where so many are left: as few runs as possible, and of about equal length, since a short last
   * one costs as much again as a third of a long one and an abort waits for the longest.
   */
  next(left: number): number {
    const most = this.tokens;
    const each = left / Math.ceil(left / most);
    const count = Math.min(most, left, Math.ceil(each / STEP) * STEP);
    return leavingNoSingle(left, count);
  }

  /** How much longer a run takes by so many tokens, in milliseconds; undefined before the first run of some length. */
  msOf(tokens: number): number | undefined {
    return this.#msPerToken === undefined ? undefined : tokens * this.#msPerToken;
  }

  /**
   * Learns from a run. A much slower run counts at once, any other by half. Short runs tell little about long ones: the
   * shortest are left out, and no run makes one of more than twice its length seem fast.
   */
  observe(tokens: number, ms: number): void {
    if (tokens < MIN_TOKENS) return;
    const seen = ms / (tokens + FIXED_TOKENS);
    const known = this.#msPerToken;
    if (known === undefined || seen > SCATTER * known) this.#msPerToken = seen;
    else if (seen > known || tokens * GROWTH >= this.tokens) this.#msPerToken = (seen + known) / 2;
    this.#longest = Math.max(this.#longest, tokens);
  }
}
