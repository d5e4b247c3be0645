/**
 * Drafts without a second model: code repeats itself, and what is edited mostly stays as it was. What followed the
 * longest earlier occurrence of the last tokens is likely to follow again ("prompt lookup decoding", Saxena 2023; the
 * longest match in place of a fixed number of tokens as in "SAM Decoding", Hu et al. 2024). A linear scan finds it: some
 * microseconds for thousands of tokens, which no index over them would repay.
 */

/** Where a draft comes from. */
export interface Occurrence {
  /** Index of the first token of the draft. */
  readonly from: number;
  /** Tokens in a row that are the same there as the last ones are; 0 where only a token was replaced by another. */
  readonly length: number;
}

/** Longer matches say nothing more. */
const MAX_MATCH = 32;

/**
 * The longest earlier occurrence of the end of `tokens`, the latest of equals.
 * @returns undefined where the last token has not occurred before
 */
export function longestOccurrence(tokens: readonly number[]): Occurrence | undefined {
  const last = tokens.length - 1;
  let found: Occurrence | undefined;
  for (let end = last - 1; end >= 0; end--) {
    if (tokens[end] !== tokens[last]) continue;
    let length = 1;
    while (length < MAX_MATCH && length <= end && tokens[end - length] === tokens[last - length]) length++;
    if (length > (found?.length ?? 0)) found = { from: end + 1, length };
    if (length === MAX_MATCH) break;
  }
  return found;
}

/** The tokens at an occurrence; where it overlaps the end, what it repeats goes on. */
export function tokensFrom(tokens: readonly number[], from: number, count: number): number[] {
  const draft: number[] = [];
  for (let at = from; draft.length < count; at++) {
    draft.push((at < tokens.length ? tokens[at] : draft[at - tokens.length]) as number);
  }
  return draft;
}
