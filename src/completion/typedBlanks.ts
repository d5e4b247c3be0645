/** Takes out of what the model wrote the blanks that stand before the cursor already. */
import type { EndRuleContext } from './endRules/endRule';
import { indentOf } from './endRules/lines';

/** Ends of a line that make the next one lie deeper. */
const OPENS_BLOCK = /[:{([]$|=>$|\b(?:then|do)$/;

/**
 * Tokens hold the blank before a word, so behind a typed blank the model tends to write another one; and on an
 * indented blank line it writes the line from its left edge, the more so the less follows. Its further lines then lie
 * where they belong, so that all of them would be wrong beside a first line that is indented twice.
 *
 * @param written all that the model has written so far
 * @returns what is to stand at the cursor; empty while only blanks have been written there
 */
export function withoutTypedBlanks(written: string, { linePrefix, linesAbove }: EndRuleContext): string {
  if (!/[ \t]$/.test(linePrefix)) return written;
  const own = /^[ \t]*/.exec(written)?.[0] ?? '';
  const rest = written.slice(own.length);
  if (own === '' || rest === '' || linePrefix.trim() !== '') return rest;
  const above = linesAbove.at(-1) ?? '';
  const deeperExpected = OPENS_BLOCK.test(above) && indentOf(linePrefix) <= indentOf(above);
  if (own.startsWith(linePrefix)) {
    return deeperExpected && own === linePrefix ? written : written.slice(linePrefix.length);
  }
  if (!deeperExpected) return rest;
  // Odd indentation is half a token, not a block.
  return /^ *$/.test(linePrefix + own) && linePrefix.length % 2 === 0 && own.length % 2 === 1
    ? written.slice(1)
    : written;
}
