/**
 * The kept suffix. In the order prefix, suffix, middle each key that is typed moves the whole suffix, so that all of it
 * would have to be evaluated again. Here the keys and values of its end are kept instead, and moved: they were evaluated
 * behind a prefix that lacked what was typed since, which changes little as long as that is little. The separator and
 * the first tokens of the suffix are evaluated anew, since they carry where the prefix ends; without them the model
 * behaves as if nothing had been typed (docs/BENCHMARKS.md, the kept suffix).
 */
import { commonEnd, commonStart } from './commonTokens';
import type { KvCache, KvSnapshot } from './kvCache';

/** Tokens that are evaluated anew at the suffix's beginning, or behind what has changed there since. */
export const HEAD_TOKENS = 8;
/**
 * So much the prefix may differ, in tokens, from the one that the suffix was evaluated behind, and the beginning of the
 * suffix from what it was then.
 */
export const MAX_DRIFT_TOKENS = 32;
/** Fewer are evaluated about as fast. */
const MIN_KEPT_TOKENS = 32;
/** Of so many documents or places the suffix is kept. */
const MAX_KEPT = 2;

/** The parts of a fill-in-the-middle prompt: `prefix`, the separator, `suffix`, and the token that asks for the middle. */
export interface FimLayout {
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

/** What a prompt can take over. */
export interface Reusable {
  readonly snapshot: KvSnapshot;
  /** Index into the snapshot of the first token to be used. */
  readonly from: number;
  /** Tokens of the prompt that must be evaluated before. */
  readonly promptTokens: number;
}

/**
 * The layout of a prompt that ends with a suffix and asks for the middle; undefined for any other.
 *
 * @param specials ids of `fim_suffix` and `fim_middle`
 */
export function fimLayout(
  prompt: readonly number[],
  specials: { readonly suffix: number; readonly middle: number },
): FimLayout | undefined {
  const at = prompt.lastIndexOf(specials.suffix);
  if (at < 0 || prompt.indexOf(specials.middle, at) !== prompt.length - 1) return undefined;
  return { prefix: prompt.slice(0, at), suffix: prompt.slice(at + 1, -1) };
}

interface Kept extends FimLayout {
  readonly snapshot: KvSnapshot;
}

export class KeptSuffixes {
  /** Most recently used last. */
  #kept: Kept[] = [];

  /** Takes a copy of a suffix, where the cache holds it as a straight run has it. */
  remember(layout: FimLayout, cache: KvCache): void {
    const { prefix, suffix } = layout;
    const [from, to] = [prefix.length + 1, prefix.length + 1 + suffix.length];
    if (suffix.length < HEAD_TOKENS + MIN_KEPT_TOKENS || cache.exactLength < to) return;
    // The same prompt again, as while a word is spelled anew.
    if (this.#kept.some((kept) => drift(kept, layout) === 0 && edited(kept, layout) === 0)) return;
    const others = this.#kept.filter((kept) => drift(kept, layout) > MAX_DRIFT_TOKENS);
    this.#kept = [...others, { ...layout, snapshot: cache.snapshot(from, to) }].slice(-MAX_KEPT);
  }

  /** What of a prompt's suffix was evaluated behind nearly the same prefix; undefined where too little. */
  find(layout: FimLayout): Reusable | undefined {
    for (const kept of this.#kept.toReversed()) {
      if (Math.max(drift(kept, layout), edited(kept, layout)) > MAX_DRIFT_TOKENS) continue;
      const { suffix } = layout;
      const count = commonEnd(kept.suffix, suffix) - HEAD_TOKENS;
      if (count < MIN_KEPT_TOKENS) continue;
      this.#kept = [...this.#kept.filter((other) => other !== kept), kept];
      return {
        snapshot: kept.snapshot,
        from: kept.suffix.length - count,
        promptTokens: layout.prefix.length + 1 + suffix.length - count,
      };
    }
    return undefined;
  }
}

/** Tokens of the longer of two prefixes behind what they have in common. */
const drift = ({ prefix: a }: FimLayout, { prefix: b }: FimLayout): number =>
  Math.max(a.length, b.length) - commonStart(a, b);

/** Tokens of the longer of two suffixes before what they have in common. */
const edited = ({ suffix: a }: FimLayout, { suffix: b }: FimLayout): number =>
  Math.max(a.length, b.length) - commonEnd(a, b);
