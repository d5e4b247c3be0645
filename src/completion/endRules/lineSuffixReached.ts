import { firstOuterCloser, firstQuote, openQuote } from './brackets';
import { end, type EndRule } from './endRule';

/** From this length on, what follows the cursor is recognised wherever it appears; shorter, at the line's end only. */
const TELLING_UNITS = 8;

/**
 * Text behind the cursor on its line: ends where the written text arrives at it. A bracket counts when it closes
 * something that the written text did not open, a quote when it closes a string begun before the cursor.
 */
export const lineSuffixReached: EndRule = (text, { linePrefix, lineSuffix }, complete) => {
  const rest = lineSuffix.trim();
  if (rest === '') return 'continue';
  const newLine = text.indexOf('\n');
  const line = newLine < 0 ? text : text.slice(0, newLine);
  const quote = openQuote(linePrefix);
  const found = [
    quote !== '' && rest.startsWith(quote) ? firstQuote(line, quote) : -1,
    closerAt(line, rest, quote),
    rest.length >= TELLING_UNITS ? line.indexOf(rest) : -1,
    newLine >= 0 || complete ? endingAt(line, rest) : -1,
  ].filter((at) => at >= 0);
  return found.length === 0 ? 'continue' : end(text.slice(0, Math.min(...found)));
};

function closerAt(line: string, rest: string, quote: string): number {
  const at = firstOuterCloser(line, quote);
  return at >= 0 && line.charAt(at) === rest.charAt(0) ? at : -1;
}

function endingAt(line: string, rest: string): number {
  const trimmed = line.trimEnd();
  return trimmed.endsWith(rest) && !closesOwn(trimmed, rest) ? trimmed.length - rest.length : -1;
}

/** Whether the closing bracket at the line's end belongs to one that the line itself opened: `f(a)` before `)`. */
function closesOwn(line: string, rest: string): boolean {
  return /^[)\]}]/.test(rest) && firstOuterCloser(line) < 0;
}
