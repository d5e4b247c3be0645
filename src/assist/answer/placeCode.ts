/** Where a block of code belongs in a document that may hold an older version of it. */
import { fitIndentation, leadingBlanks, type IndentStyle } from './indentation';

export interface PlacedCode {
  /** The whole document with the code in its place. */
  readonly text: string;
  /** `replaced`: what the code is a new version of; `selection`: what was selected; `inserted`: at the cursor. */
  readonly how: 'replaced' | 'selection' | 'inserted';
}

/** Lines, counted from 0; `to` is exclusive. */
interface LineRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The document with the code in it. What is selected is replaced; otherwise the lines of which the code is a new
 * version: those from its first line to its last, or the block that its first line begins; otherwise it is inserted
 * before the cursor's line.
 *
 * @param selected lines that are selected; with `from` equal to `to` only the cursor is there
 */
export function placeCode(
  document: string,
  code: string,
  selected: LineRange,
  style: IndentStyle,
): PlacedCode {
  const lines = document.split('\n');
  const block = code.replace(/^\n+|\s+$/g, '').split('\n');
  if (selected.to > selected.from) return { text: replaced(lines, selected, block, style), how: 'selection' };
  const older = olderVersion(lines, block);
  if (older !== undefined) return { text: replaced(lines, older, block, style), how: 'replaced' };
  return { text: replaced(lines, { from: selected.from, to: selected.from }, block, style), how: 'inserted' };
}

/** Code in place of lines, indented as the first of them. */
function replaced(
  lines: readonly string[],
  { from, to }: LineRange,
  block: readonly string[],
  style: IndentStyle,
): string {
  const there = lines.slice(from, to).find((line) => line.trim() !== '') ?? lines[from] ?? '';
  const fitted = fitIndentation(block.join('\n'), leadingBlanks(there), style).split('\n');
  return [...lines.slice(0, from), ...fitted, ...lines.slice(to)].join('\n');
}

/** The lines that the code is a new version of. */
function olderVersion(lines: readonly string[], block: readonly string[]): LineRange | undefined {
  const first = headOf(block.find((line) => line.trim() !== '') ?? '');
  if (first === '') return undefined;
  const starts = lines.flatMap((line, index) => (headOf(line) === first ? [index] : []));
  // Where several lines begin like that, nobody knows which is meant.
  const [from] = starts;
  if (from === undefined || starts.length > 1) return undefined;
  return { from, to: blockEnd(lines, from) };
}

/** What names a line: `def add(a, b):` stays `def add` with other parameters. */
function headOf(line: string): string {
  const text = line.trim();
  const head = /^(?:[\w$#@.<>*&:]+\s+)*[\w$#]+(?=\s*[(<{:=])/.exec(text)?.[0];
  return head ?? text;
}

/** Where the block ends that a line begins: behind its last deeper line, a closing one included. */
function blockEnd(lines: readonly string[], from: number): number {
  const depth = indentationOf(lines[from] ?? '');
  let end = from + 1;
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const closes = indentationOf(line) === depth && /^\s*(?:[)\]}]|end\b)/.test(line);
    if (indentationOf(line) <= depth && !closes) break;
    end = at + 1;
    // A signature over several lines goes on behind its closing bracket.
    if (closes && !/[{:]\s*$/.test(line)) break;
  }
  return end;
}

const indentationOf = (line: string): number => leadingBlanks(line).length;
