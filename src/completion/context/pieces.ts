/** Cuts files into pieces of some tens of lines, where their text has borders of its own. */

export interface Piece {
  /** From 1. */
  readonly startLine: number;
  readonly text: string;
}

/** Fewer lines tell too little, more take the room of others. */
export const MIN_PIECE_LINES = 10;
export const MAX_PIECE_LINES = 32;
/** Longer lines are data or minified. UTF-16 units. */
const MAX_LINE_UNITS = 400;

/**
 * Pieces that cover a text without overlapping, each of at most `MAX_PIECE_LINES` lines. A piece ends before a line
 * that is indented the least behind a blank one, as late as it can: mostly between declarations. Pieces that are
 * blank or have very long lines are left out.
 */
export function piecesOf(text: string): Piece[] {
  const lines = text.split(/\r?\n/);
  const pieces: Piece[] = [];
  for (let from = 0; from < lines.length;) {
    const to = endOfPiece(lines, from);
    const own = lines.slice(from, to);
    const first = own.findIndex((line) => line.trim() !== '');
    if (first >= 0 && own.every((line) => line.length <= MAX_LINE_UNITS)) {
      pieces.push({ startLine: from + first + 1, text: own.slice(first).join('\n').trimEnd() });
    }
    from = to;
  }
  return pieces;
}

function endOfPiece(lines: readonly string[], from: number): number {
  const last = from + MAX_PIECE_LINES;
  if (last >= lines.length) return lines.length;
  let best = last;
  let leastIndent = Infinity;
  for (let at = last; at > from + MIN_PIECE_LINES; at -= 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || lines[at - 1]?.trim() !== '') continue;
    const indent = line.length - line.trimStart().length;
    if (indent < leastIndent) {
      leastIndent = indent;
      best = at;
    }
  }
  return best;
}
