import { DEFAULT_MAX_CONTEXT_TOKENS } from './context/contextKeeper';

/** Wrong no more often than the peers, with twice as many keys saved (docs/BENCHMARKS.md, keystroke replay). */
export const DEFAULT_MIN_PROBABILITY = 0.7;

/** What the person may set; `Completer.setOptions` takes a new one at any time. */
export interface CompleterOptions {
  /** Upper bound on the estimated tokens before the cursor. */
  readonly maxPrefixTokens: number;
  /**
   * Upper bound on the estimated tokens after the cursor. In prefix-suffix-middle order the suffix stands behind the
   * typed text, so all of it is evaluated again at a keystroke where it is not kept: short on purpose.
   */
  readonly maxSuffixTokens: number;
  readonly maxNewTokens: number;
  /** Upper bound on the estimated tokens of other places, where the completer has a provider of them; 0 for none. */
  readonly maxContextTokens: number;
  /**
   * How long an automatic call lets the model write, in milliseconds: the editor shows a suggestion only as a whole,
   * so that on a slow machine fewer lines come sooner. The suggestion ends at a line end, so one line always comes.
   */
  readonly maxDecodeMs: number;
  /** How long an automatic call waits for the next keystroke, in milliseconds. */
  readonly debounceMs: number;
  /** Evaluate the prompt while the next keystroke is waited for, so that the answer begins sooner. */
  readonly early: boolean;
  /** Write what comes after a suggestion while the person reads it, so that it is there once that is accepted. */
  readonly ahead: boolean;
  /** Suggestions remembered over all documents; 0 remembers none. */
  readonly cacheEntries: number;
  /** Whether what was evaluated behind the cursor a moment ago is taken over (`GenerateRequest.keepSuffix`). */
  readonly keepSuffix: boolean;
  /** Whether half a word before the cursor is spelled anew (`tokenHealing.ts`). */
  readonly healing: boolean;
  /**
   * Suggestions that come by themselves are withheld where their first line is less likely to be right than this, by
   * the model's own account, from 0 to 1, and end before a line that is hardly likely.
   */
  readonly minProbability: number;
  /** Names of end rules (`END_RULES`) to do without: how measurements tell what each is worth. Default: none. */
  readonly endRulesOff?: readonly string[];
}

/**
 * For who asks for places one after the other as if each were the only one: an answer depends on nothing that was asked
 * before.
 */
export const EACH_BY_ITSELF = { early: false, ahead: false, cacheEntries: 0, keepSuffix: false } as const;

/**
 * 1024 + 128 tokens take about two seconds to evaluate on two cores when nothing is cached and a fraction of that
 * afterwards; 96 new tokens are eight to twelve lines.
 */
export const DEFAULT_COMPLETER_OPTIONS: CompleterOptions = {
  maxPrefixTokens: 1024,
  maxSuffixTokens: 128,
  maxNewTokens: 96,
  maxContextTokens: DEFAULT_MAX_CONTEXT_TOKENS,
  maxDecodeMs: 1500,
  debounceMs: 60,
  early: true,
  ahead: true,
  cacheEntries: 200,
  keepSuffix: true,
  healing: true,
  minProbability: DEFAULT_MIN_PROBABILITY,
};
