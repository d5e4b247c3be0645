/**
 * How long to wait for the next key. Where the engine answers between two keys, waiting only makes the answer later; where
 * it does not, each key withdraws the request of the one before, and only a pause that is longer than the person's usual
 * one is worth asking in.
 */

/** Keys further apart are no typing, in milliseconds. */
const LONGEST_GAP_MS = 1000;
/** Gaps that are remembered: a few words. */
const GAPS = 24;
/** Below this many nothing is known of the person. */
const ENOUGH_GAPS = 6;
/** A pause is a gap of this many usual ones. */
const PAUSE = 1.3;
/** Nobody wants to wait longer for nothing, in milliseconds. */
const LONGEST_WAIT_MS = 300;
/** Weight of the newest answer in the engine's usual time. */
const NEWEST = 0.3;

export class TypingRhythm {
  readonly #gaps: number[] = [];
  #lastKeyAt: number | undefined;
  #answerMs: number | undefined;

  /** A key was typed. @param at in milliseconds, by any clock */
  key(at: number): void {
    const gap = at - (this.#lastKeyAt ?? -Infinity);
    this.#lastKeyAt = at;
    if (gap > LONGEST_GAP_MS || gap <= 0) return;
    this.#gaps.push(gap);
    if (this.#gaps.length > GAPS) this.#gaps.shift();
  }

  /** The engine has needed so long for its first text, in milliseconds, waiting for its turn included. */
  answered(ms: number): void {
    this.#answerMs = this.#answerMs === undefined ? ms : NEWEST * ms + (1 - NEWEST) * this.#answerMs;
  }

  /** @param least the person's setting, in milliseconds */
  debounceMs(least: number): number {
    if (this.#gaps.length < ENOUGH_GAPS || this.#answerMs === undefined) return least;
    const usual = [...this.#gaps].sort((a, b) => a - b)[this.#gaps.length >> 1] as number;
    if (this.#answerMs <= usual) return least;
    return Math.max(least, Math.min(LONGEST_WAIT_MS, Math.round(PAUSE * usual)));
  }
}
