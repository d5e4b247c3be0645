import { firstOuterCloser } from './brackets';
import { end, type EndRule, type EndRuleContext } from './endRule';
import { cutBefore, indentOf, isCloser, isTrivial, writtenLines, type WrittenLine } from './lines';

/**
 * Ends before a line that is the first non-blank line below the cursor, indentation included. A line that says
 * little (`}`, `else:`, `end`) must be the suffix's own by something more: the line after it matches too, or it lies
 * further left than the cursor's line, or it closes what the written text did not open.
 */
export const suffixLinesReached: EndRule = (text, context, complete) => {
  const [first] = context.linesBelow;
  if (first === undefined || context.lineSuffix.trim() !== '') return 'continue';
  const lines = writtenLines(text, context, complete);
  for (const [index, line] of lines.entries()) {
    if (!line.closed || line.full !== first) continue;
    // The first line is the document's whole line only where nothing but blanks stood before the cursor.
    if (index === 0 && context.linePrefix.trim() !== '') continue;
    if (!isTrivial(first) || belongsToSuffix(text, lines, index, context)) return end(cutBefore(text, line));
  }
  return 'continue';
};

function belongsToSuffix(
  text: string,
  lines: readonly WrittenLine[],
  index: number,
  context: EndRuleContext,
): boolean {
  const [first = '', second] = context.linesBelow;
  const next = lines.slice(index + 1).find((line) => line.full !== '');
  if (next?.closed === true && second !== undefined && next.full === second) return true;

  const base = baseIndent(lines, context);
  if (indentOf(first) < base) return true;

  const line = lines[index];
  if (line === undefined || !isCloser(first)) return false;
  const closer = firstOuterCloser(text.slice(0, line.start + first.length));
  if (closer >= line.start) return true;
  // Blocks closed by words (`end`, `fi`): the line before the cursor opened it and all in between lies deeper.
  if (/[)\]}]/.test(first) || context.linePrefix.trim() === '') return false;
  const between = lines.slice(1, index).filter((other) => other.full !== '');
  return between.every((other) => indentOf(other.full) > base);
}

/** Columns where the cursor's line begins; on a blank line, where the first written line does. */
function baseIndent(lines: readonly WrittenLine[], context: EndRuleContext): number {
  if (context.linePrefix.trim() !== '') return indentOf(context.linePrefix);
  const firstLine = lines.find((line) => line.full !== '');
  return indentOf(firstLine?.full ?? context.linePrefix);
}
