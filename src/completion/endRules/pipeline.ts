/** All end rules, by name. */
import { endOfScope } from './endOfScope';
import type { EndRule, EndRuleContext } from './endRule';
import { firstLineOnly } from './firstLineOnly';
import { maximumLines, twoBlankLines } from './length';
import { lineSuffixReached } from './lineSuffixReached';
import { markdownFence, proseAfterCode } from './prose';
import { repeatsLineAbove, repeatsLines, repeatsPiece } from './repetition';
import { suffixLinesReached } from './suffixLinesReached';
import { templateToken } from './templateToken';

/** In order of how much they say: where two cut at the same place, the first one's name is kept. */
export const END_RULES: readonly { readonly name: string; readonly rule: EndRule }[] = [
  { name: 'template-token', rule: templateToken },
  { name: 'line-suffix-reached', rule: lineSuffixReached },
  { name: 'suffix-lines-reached', rule: suffixLinesReached },
  { name: 'repeats-line-above', rule: repeatsLineAbove },
  { name: 'repeats-lines', rule: repeatsLines },
  { name: 'repeats-piece', rule: repeatsPiece },
  { name: 'first-line-only', rule: firstLineOnly },
  { name: 'markdown-fence', rule: markdownFence },
  { name: 'prose-after-code', rule: proseAfterCode },
  { name: 'end-of-scope', rule: endOfScope },
  { name: 'two-blank-lines', rule: twoBlankLines },
  { name: 'maximum-lines', rule: maximumLines },
];

export interface FoundEnd {
  readonly text: string;
  readonly endedBy: string;
}

/**
 * Asks all rules; the one that leaves the least decides, so that a large piece of text from the engine gives the same
 * answer as many small ones.
 *
 * @param complete the engine has ended by its own choice
 * @param off names of rules that are not asked
 * @returns what remains and the rule's name, or undefined while the text may go on
 */
export function findEnd(
  text: string,
  context: EndRuleContext,
  complete: boolean,
  off: readonly string[] = [],
): FoundEnd | undefined {
  let found: FoundEnd | undefined;
  for (const { name, rule } of END_RULES) {
    if (off.includes(name)) continue;
    const verdict = rule(text, context, complete);
    if (verdict === 'continue') continue;
    if (found === undefined || verdict.cut.length < found.text.length)
      found = { text: verdict.cut, endedBy: name };
  }
  return found;
}
