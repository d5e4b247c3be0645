/** What is asked of a machine that is slow: first less is read, then only one line is written. */

export const PACES = ['full', 'less-context', 'one-line'] as const;
export type Pace = (typeof PACES)[number];

/** A suggestion that comes later is one that nobody waits for, in milliseconds from the request to the last token. */
const TOO_SLOW_MS = 2500;
/** One of which nothing has been written by then will come too late, in milliseconds from the request. */
const LATE_START_MS = 1500;
/** What is as quick as this leaves room for more. */
const QUICK_MS = 700;
/** So many slow ones in a row are no accident, and so many quick ones no exception. */
const SLOW_TIMES = 4;
const QUICK_TIMES = 12;

export class PaceKeeper {
  #pace: Pace = 'full';
  #slow = 0;
  #quick = 0;

  get pace(): Pace {
    return this.#pace;
  }

  /** A suggestion that came by itself took the engine so long, in milliseconds. */
  took(ms: number): void {
    this.#slow = ms > TOO_SLOW_MS ? this.#slow + 1 : 0;
    this.#quick = ms < QUICK_MS ? this.#quick + 1 : 0;
    if (this.#slow >= SLOW_TIMES) this.#go(1);
    else if (this.#quick >= QUICK_TIMES) this.#go(-1);
  }

  /**
   * A request was withdrawn before its suggestion was there. On a slow machine most are, and one that would have come too
   * late is a slow one; of the others nothing is known.
   *
   * @param ms from the request
   * @param begun whether any text had been written
   */
  withdrawn(ms: number, begun: boolean): void {
    if (ms > (begun ? TOO_SLOW_MS : LATE_START_MS)) this.took(Math.max(ms, TOO_SLOW_MS + 1));
  }

  #go(step: 1 | -1): void {
    this.#slow = 0;
    this.#quick = 0;
    const index = PACES.indexOf(this.#pace) + step;
    this.#pace = PACES[Math.max(0, Math.min(PACES.length - 1, index))] as Pace;
  }
}
