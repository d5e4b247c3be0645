/** Makes what the model wrote fit for showing: nothing that already stands there, no loose ends. */
import type { EndRuleContext } from './endRules/endRule';
import { lineSuffixReached } from './endRules/lineSuffixReached';
import { withoutTokenStart } from './endRules/templateToken';

/** From this length on, being the beginning of what follows the cursor is no accident. */
const TELLING_UNITS = 4;

export type ShapedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing'; readonly reason: 'empty' | 'only-repeats' };

/**
 * @param text what is left after the end rules, LF alone
 * @param unfinished the token limit ended it, so its last line may be half a line
 * @returns text that is not blank and does not end with blanks, or why nothing is left
 */
export function shapeText(text: string, context: EndRuleContext, unfinished: boolean): ShapedText {
  let shaped = (unfinished ? withoutLastLine(withoutTokenStart(text)) : text).trimEnd();
  if (shaped.trim() === '') return { kind: 'nothing', reason: 'empty' };

  const verdict = lineSuffixReached(shaped, context, true);
  if (verdict !== 'continue') shaped = verdict.cut.trimEnd();
  return shaped.trim() === '' || repeatsLineSuffix(shaped, context)
    ? { kind: 'nothing', reason: 'only-repeats' }
    : { kind: 'text', text: shaped };
}

/** Without the half line at the end, where something is left without it. */
function withoutLastLine(text: string): string {
  const lastLine = text.lastIndexOf('\n');
  const rest = lastLine < 0 ? '' : text.slice(0, lastLine);
  return rest.trim() === '' ? text : rest;
}

function repeatsLineSuffix(text: string, { lineSuffix }: EndRuleContext): boolean {
  const rest = lineSuffix.trim();
  const own = text.trim();
  return own === rest || (own.length >= TELLING_UNITS && rest.startsWith(own));
}
