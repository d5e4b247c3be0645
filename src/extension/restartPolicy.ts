/** How many unexpected ends within the window are answered with a new start. */
const MAX_DEATHS = 3;
/** In milliseconds. */
export const WINDOW_MS = 10 * 60 * 1000;

/**
 * Whether an engine that ended by itself is started again without being asked. A crash now and then should not
 * cost the person a click; one at each start would load half a gigabyte at each keystroke.
 */
export class RestartPolicy {
  #deaths: number[] = [];

  /** @param now milliseconds on a clock that never goes back; an end before this process began may be below 0 */
  died(now: number): void {
    this.#deaths = [...this.#recent(now), now];
  }

  mayRestart(now: number): boolean {
    return this.deaths(now) < MAX_DEATHS;
  }

  /** Unexpected ends within the window. */
  deaths(now: number): number {
    return this.#recent(now).length;
  }

  /** The person has asked for a new start: the count begins again. */
  reset(): void {
    this.#deaths = [];
  }

  #recent(now: number): number[] {
    return this.#deaths.filter((at) => now - at < WINDOW_MS);
  }
}
