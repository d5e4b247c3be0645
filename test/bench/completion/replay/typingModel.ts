/**
 * How long a person pauses before a key, drawn from log-normal distributions by a seed.
 *
 * The mean of 239 ms between keys is that of 168,000 people (Dhakal, Feit, Kristensson, Oulasvirta: "Observations on
 * Typing from 136 Million Keystrokes", CHI 2018). That intervals are skewed to the right, and longer before a word
 * than within it, is known since Salthouse ("Perceptual, cognitive, and motoric aspects of transcription typing",
 * Psychological Bulletin, 1986). How much longer before words and lines of code is our assumption, as the spread is.
 * All engines are typed to with the same pauses.
 */
import { seededRandom } from '../../../../src/inference/random';

/** What comes before a key: the first of a line, the first of a word or of what stands between words, any other. */
export type KeyPlace = 'line' | 'word' | 'inside';

/** Medians in milliseconds, and the standard deviations of the logarithm. */
export const PAUSES: Readonly<Record<KeyPlace, { readonly median: number; readonly sigma: number }>> = {
  // The mean of a log-normal distribution is median * exp(sigma^2 / 2): 160, 300 and 900 ms.
  inside: { median: 145, sigma: 0.45 },
  word: { median: 255, sigma: 0.57 },
  line: { median: 660, sigma: 0.79 },
};
/** Nobody types faster, and longer pauses are for thinking, not for typing. Milliseconds. */
export const SHORTEST_MS = 40;
export const LONGEST_MS = 6000;

export class Typist {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Milliseconds before the next key. */
  pause(place: KeyPlace): number {
    const { median, sigma } = PAUSES[place];
    const ms = median * Math.exp(sigma * this.#normal());
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
  }

  /** Standard normal, by Box and Muller. */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    return radius * Math.cos(2 * Math.PI * this.#random());
  }
}

/** @param before what stands before the key on its line; @param key the character, `\n` for Enter */
export function keyPlace(before: string, key: string): KeyPlace {
  if (before.trim() === '') return 'line';
  const last = before.at(-1) ?? '';
  const word = /[\p{L}\p{N}_]/u;
  return word.test(last) === word.test(key) ? 'inside' : 'word';
}
