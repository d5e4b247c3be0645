/** All end rules, by name. */
import { endOfScope } from './endOfScope';
import type { EndRule, EndRuleContext } from './endRule';
import { firstLineOnly } from './firstLineOnly';
import { maximumLines, twoBlankLines } from './length';
import { lineSuffixReached } from './lineSuffixReached';
import { markdownFence, proseAfterCode } from './prose';
import { repeatsLineAbove, repeatsLines, repeatsPiece } from './repetition';
import { suffixLinesReached } from './suffixLinesReached';
import type { SuggestionLength } from '../suggestionLength';
import { statementComplete } from './statementComplete';
import { templateToken } from './templateToken';

/** In order of how much they say: where two cut at the same place, the first one's name is kept. */
export const END_RULES: readonly {
  readonly name: string;
  readonly rule: EndRule;
  /** Lengths that it has a say in; all where absent. */
  readonly lengths?: readonly SuggestionLength[];
}[] = [
  { name: 'template-token', rule: templateToken },
  { name: 'line-suffix-reached', rule: lineSuffixReached },
  { name: 'suffix-lines-reached', rule: suffixLinesReached },
  { name: 'repeats-line-above', rule: repeatsLineAbove },
  { name: 'repeats-lines', rule: repeatsLines },
  { name: 'repeats-piece', rule: repeatsPiece },
  { name: 'first-line-only', rule: firstLineOnly },
  { name: 'markdown-fence', rule: markdownFence },
  { name: 'prose-after-code', rule: proseAfterCode },
  { name: 'end-of-scope', rule: endOfScope, lengths: ['auto', 'line', 'block'] },
  { name: 'two-blank-lines', rule: twoBlankLines, lengths: ['auto', 'line', 'block'] },
  { name: 'maximum-lines', rule: maximumLines, lengths: ['auto'] },
  { name: 'statement-complete', rule: statementComplete, lengths: ['auto'] },
];

export interface FoundEnd {
  readonly text: string;
  readonly endedBy: string;
  /** All rules that saw an end, in the order of the list. */
  readonly fired: readonly string[];
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
  let found: Omit<FoundEnd, 'fired'> | undefined;
  const fired: string[] = [];
  for (const { name, rule, lengths } of END_RULES) {
    if (off.includes(name) || lengths?.includes(context.length) === false) continue;
    const verdict = rule(text, context, complete);
    if (verdict === 'continue') continue;
    fired.push(name);
    if (found === undefined || verdict.cut.length < found.text.length)
      found = { text: verdict.cut, endedBy: name };
  }
  return found === undefined ? undefined : { ...found, fired };
}
