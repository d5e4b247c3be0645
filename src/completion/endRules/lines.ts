/** Lines of written text as they would stand in the document. */
import type { EndRuleContext } from './endRule';

export interface WrittenLine {
  /** The line in the document: the first one with what stood before the cursor. Without trailing blanks. */
  readonly full: string;
  /** Offset in the written text where the line begins. */
  readonly start: number;
  /** Nothing can be added to it any more. */
  readonly closed: boolean;
}

/** @returns the lines of `text`; with `complete` the last one counts as closed */
export function writtenLines(text: string, context: EndRuleContext, complete: boolean): WrittenLine[] {
  const lines: WrittenLine[] = [];
  let start = 0;
  for (;;) {
    const newLine = text.indexOf('\n', start);
    const own = newLine < 0 ? text.slice(start) : text.slice(start, newLine);
    const full = (start === 0 ? context.linePrefix + own : own).trimEnd();
    lines.push({ full, start, closed: newLine >= 0 || complete });
    if (newLine < 0) return lines;
    start = newLine + 1;
  }
}

/** @returns `text` up to the line, without the line end before it */
export function cutBefore(text: string, line: WrittenLine): string {
  return text.slice(0, Math.max(0, line.start - 1));
}

/** Columns that a tab counts for when indentations are compared. */
export const TAB_COLUMNS = 4;

/** @returns the columns of blanks that a line begins with */
export function indentOf(line: string): number {
  let columns = 0;
  for (const sign of line) {
    if (sign === ' ') columns += 1;
    else if (sign === '\t') columns += TAB_COLUMNS - (columns % TAB_COLUMNS);
    else break;
  }
  return columns;
}

/** Words that alone say nothing about which place of the file a line stands at. */
const COMMON_WORDS = new Set(
  (
    'begin break case catch continue default do done else elsif end endif ensure esac except false fi finally ' +
    'loop nil none null pass rescue return self super then this true try undefined void while'
  ).split(' '),
);

/** Whether a line is so common (`}`, `else:`, `return`) that meeting it twice means nothing. */
export function isTrivial(line: string): boolean {
  const words = line.match(/[\p{L}\p{N}_]+/gu) ?? [];
  if (words.every((word) => COMMON_WORDS.has(word.toLowerCase()))) return true;
  return words.join('').length < 2;
}

/** Whether what follows a line belongs to a block that it opens. */
export const opensBlock = (line: string): boolean => /[:{([]\s*$|=>\s*$|\b(?:do|then)$/.test(line);

/** Whether a line does nothing but close: `}`, `});`, `end`, `]),`. */
export function isCloser(line: string): boolean {
  return /^\s*(?:[)\]}]+[)\]};,]*|end[;,)]?|fi|done|esac)$/.test(line);
}
