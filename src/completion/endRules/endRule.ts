/**
 * What an end rule is. The model seldom stops by itself: it writes the middle and goes on into what follows it. Each
 * rule knows one way to see that; `pipeline.ts` lists them.
 *
 * Rules are pure and look at all that has been written so far, so the answer does not depend on how the engine cut
 * it into pieces.
 */

import type { SuggestionLength } from '../suggestionLength';

/** What the rules know of the place. All texts with LF alone. */
export interface EndRuleContext {
  readonly languageId: string;
  /** How much is wanted. */
  readonly length: SuggestionLength;
  /** The cursor's line before and behind the cursor. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** Non-blank lines above the cursor's line, nearest last, without trailing blanks; as many as rules compare. */
  readonly linesAbove: readonly string[];
  /** Non-blank lines below the cursor's line, nearest first, without trailing blanks. */
  readonly linesBelow: readonly string[];
}

/** `cut` is what remains of the text; it is always a beginning of it. */
export type EndVerdict = 'continue' | { readonly cut: string; readonly ended: true };

/**
 * @param text all that has been written
 * @param complete the engine has ended by its own choice: the last line is a whole line
 */
export type EndRule = (text: string, context: EndRuleContext, complete: boolean) => EndVerdict;

/** Lines of the neighbourhood that rules compare with. */
const NEIGHBOURS = 8;

/**
 * @param before text before the cursor, LF alone, as far as the window reaches
 * @param after text behind it
 */
export function endRuleContext(
  languageId: string,
  before: string,
  after: string,
  length: SuggestionLength = 'auto',
): EndRuleContext {
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = after.indexOf('\n');
  return {
    languageId,
    length,
    linePrefix: before.slice(lineStart),
    lineSuffix: lineEnd < 0 ? after : after.slice(0, lineEnd),
    linesAbove: nonBlankLines(before.slice(0, lineStart)).slice(-NEIGHBOURS),
    linesBelow: lineEnd < 0 ? [] : nonBlankLines(after.slice(lineEnd)).slice(0, NEIGHBOURS),
  };
}

export const end = (cut: string): EndVerdict => ({ cut, ended: true });

function nonBlankLines(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}
