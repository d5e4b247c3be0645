/** Random numbers that come again with the same seed: mulberry32, enough for choosing test cases. */
export interface SeededRandom {
  /** In [0, 1). */
  (): number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `count` - 1. */
export const pick = (random: SeededRandom, count: number): number => Math.floor(random() * count);
