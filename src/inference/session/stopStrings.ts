/**
 * Stop strings across token borders: text is held back as long as it could be the beginning of one.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = '';

  /** Empty strings are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Takes more text; gives what is certain now, and whether a stop string has been met (its text is dropped). */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    this.#held += text;
    const found = this.#stops
      .map((stop) => this.#held.indexOf(stop))
      .filter((index) => index >= 0)
      .reduce((first, index) => Math.min(first, index), Infinity);
    if (found !== Infinity) {
      const before = this.#held.slice(0, found);
      this.#held = '';
      return { text: before, stopped: true };
    }
    return { text: this.#release(this.#held.length - this.#possibleStart()), stopped: false };
  }

  /** What was held back, once no more text comes. */
  flush(): string {
    return this.#release(this.#held.length);
  }

  /** Length of the longest end of the held text that begins a stop string. */
  #possibleStart(): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, this.#held.length); length > longest; length--) {
        if (this.#held.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }

  #release(length: number): string {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return text;
  }
}
