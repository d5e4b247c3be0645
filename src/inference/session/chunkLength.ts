/**
 * How many prompt tokens go into one native run. An abort waits for the run under way, so a run should take about
 * `TARGET_MS`; within that, longer is faster for each token. Speeds are observed, since they differ between machines
 * by a factor of fifty, and with the length of the context.
 */

/** Longest time that an abort should have to wait, in milliseconds. */
const TARGET_MS = 150;
/** Aim below the target: the next chunk stands behind a longer context, and other programs come and go. */
const AIM = 0.85;
const FIRST_TOKENS = 32;
const MIN_TOKENS = 16;
const STEP = 8;
/** More rows gain nothing and take more memory for activations. */
const MAX_TOKENS = 256;

export class ChunkLength {
  #msPerToken: number | undefined;

  /** Tokens for the next run; the last run of a prompt may take fewer. */
  get tokens(): number {
    if (this.#msPerToken === undefined) return FIRST_TOKENS;
    // A run has a fixed cost besides, so each further token costs less than the average: what follows from it is a
    // little too short, and the next run is longer again. Rounding down would stop that at once.
    const fitting = Math.round((AIM * TARGET_MS) / this.#msPerToken / STEP) * STEP;
    return Math.min(MAX_TOKENS, Math.max(MIN_TOKENS, fitting));
  }

  /** How long so many tokens take, in milliseconds; undefined before the first run of some length. */
  msOf(tokens: number): number | undefined {
    return this.#msPerToken === undefined ? undefined : tokens * this.#msPerToken;
  }

  /**
   * Learns from a run. Short runs tell little about long ones and are left out; a slower run counts at once, a faster
   * one by half.
   */
  observe(tokens: number, ms: number): void {
    if (tokens < MIN_TOKENS) return;
    const seen = ms / tokens;
    this.#msPerToken =
      this.#msPerToken === undefined || seen > this.#msPerToken ? seen : (seen + this.#msPerToken) / 2;
  }
}
