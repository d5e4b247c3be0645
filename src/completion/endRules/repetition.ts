/**
 * Loops, the commonest way in which a small model goes wrong: the line above once more, one line again and again, a
 * block of lines again, a piece of one line again.
 */
import { end, type EndRule } from './endRule';
import { cutBefore, isTrivial, writtenLines, type WrittenLine } from './lines';

/** Shorter lines (`i += 1`) do stand twice in a row in good code. */
const TELLING_UNITS = 8;
/** The same line this often in a row is a loop. */
const LINE_TIMES = 3;
/** Blocks of two lines need a third copy; from three lines on the second one is enough. */
const MAX_BLOCK_LINES = 8;
/** A piece of 3 to 30 units six times in a row. */
const PIECE_LOOP = /(.{3,30}?)\1{5,}/;

/** Ends before the first whole line that repeats the line directly above. */
export const repeatsLineAbove: EndRule = (text, context, complete) => {
  const lines = writtenLines(text, context, complete);
  const first = lines.findIndex(
    (line, index) => line.full !== '' && (index > 0 || context.linePrefix.trim() === ''),
  );
  const line = lines[first];
  if (line === undefined || !line.closed || !isTelling(line.full)) return 'continue';
  const own = first > 0 ? lines.slice(0, first).findLast((other) => other.full !== '') : undefined;
  const above = own?.full ?? context.linesAbove.at(-1);
  return line.full === above ? end(cutBefore(text, line)) : 'continue';
};

/** Ends after the first copy of a line or a block of lines that is written over and over. */
export const repeatsLines: EndRule = (text, context, complete) => {
  const written = writtenLines(text, context, complete).filter((line) => line.closed && line.full !== '');
  const above = context.linesAbove.length;
  const all = [...context.linesAbove, ...written.map((line) => line.full)];
  for (let last = above; last < all.length; last += 1) {
    for (let size = 1; size <= MAX_BLOCK_LINES; size += 1) {
      const times = size === 1 ? LINE_TIMES : size === 2 ? 3 : 2;
      const begin = last + 1 - size * times;
      if (begin < 0 || !copies(all, begin, size, times)) continue;
      const block = all.slice(begin, begin + size);
      if (block.filter((line) => !isTrivial(line)).length * 2 < size) continue;
      const cutAt = written[Math.max(0, begin + size - above)];
      if (cutAt !== undefined) return end(cutBefore(text, cutAt));
    }
  }
  return 'continue';
};

/** Ends where a piece of a line is written over and over; a later line goes as a whole. */
export const repeatsPiece: EndRule = (text, context, complete) => {
  for (const [index, line] of writtenLines(text, context, complete).entries()) {
    const own = ownText(text, line);
    const loop = PIECE_LOOP.exec(own);
    // Rulers such as `-----` and runs of blanks are no loops.
    if (loop === null || !/[\p{L}\p{N}]/u.test(loop[0])) continue;
    return end(index === 0 ? text.slice(0, loop.index) : cutBefore(text, line));
  }
  return 'continue';
};

function ownText(text: string, line: WrittenLine): string {
  const newLine = text.indexOf('\n', line.start);
  return newLine < 0 ? text.slice(line.start) : text.slice(line.start, newLine);
}

function copies(all: readonly string[], begin: number, size: number, times: number): boolean {
  for (let at = begin + size; at < begin + size * times; at += 1)
    if (all[at] !== all[at - size]) return false;
  return true;
}

function isTelling(line: string): boolean {
  return line.trim().length >= TELLING_UNITS && !isTrivial(line);
}
