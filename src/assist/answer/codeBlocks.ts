/**
 * Fenced code in an answer. The rules of CommonMark, and beyond them what small models get wrong: a fence that is
 * never closed, one that stands at the end of a line of prose or of code, a tag that names another language.
 */

export interface CodeBlock {
  /** Without the fences; lines end in `\n`, none at the very end. */
  readonly code: string;
  /** The fence's tag in lower case; empty where there is none. */
  readonly tag: string;
  /** Whether the closing fence is there: without it the answer may have been cut off. */
  readonly closed: boolean;
  /** Lines of the answer, from 0: the opening fence, and the first line behind the block. */
  readonly start: number;
  readonly end: number;
}

interface Fence {
  readonly indent: number;
  readonly mark: string;
  readonly tag: string;
}

const OPENING = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^\s`{]*)[^`]*$/;
/** Behind prose: `Here it is: ```python`. */
const GLUED_OPENING = /^[^`]*\S[^`]*?(`{3,})([A-Za-z0-9+#.-]*)[ \t]*$/;

/** Every block of an answer, in its order; a last one without its closing fence goes to the end. */
export function codeBlocks(answer: string): CodeBlock[] {
  const lines = answer.replace(/\r\n?/g, '\n').split('\n');
  const blocks: CodeBlock[] = [];
  let line = 0;
  while (line < lines.length) {
    const fence = openingFence(lines[line] ?? '');
    if (fence === undefined) {
      line++;
      continue;
    }
    const block = readBlock(lines, line, fence);
    blocks.push(block);
    line = block.end;
  }
  return blocks;
}

function openingFence(line: string): Fence | undefined {
  const own = OPENING.exec(line);
  if (own !== null) {
    const [, indent = '', mark = '', tag = ''] = own;
    return { indent: indent.length, mark, tag: tag.toLowerCase() };
  }
  const glued = GLUED_OPENING.exec(line);
  if (glued === null) return undefined;
  const [, mark = '', tag = ''] = glued;
  return { indent: 0, mark, tag: tag.toLowerCase() };
}

function readBlock(lines: readonly string[], start: number, fence: Fence): CodeBlock {
  const { tag } = fence;
  const code: string[] = [];
  for (let line = start + 1; line < lines.length; line++) {
    const text = lines[line] ?? '';
    if (isClosing(text, fence)) {
      return { code: joined(code, fence), tag, closed: true, start, end: line + 1 };
    }
    const rest = gluedClosing(text, fence, lines, line);
    if (rest !== undefined) {
      return { code: joined([...code, rest], fence), tag, closed: true, start, end: line + 1 };
    }
    code.push(text);
  }
  return { code: joined(code, fence), tag, closed: false, start, end: lines.length };
}

/** At least as long as the opening one, nothing behind it, and not indented like code inside the block. */
function isClosing(line: string, { indent, mark }: Fence): boolean {
  const found = /^([ \t]*)(`{3,}|~{3,})[ \t]*$/.exec(line);
  const [, before = '', own = ''] = found ?? [];
  return found !== null && own[0] === mark[0] && own.length >= mark.length && before.length <= indent + 3;
}

/** The code before a closing fence on the same line; only where no proper one follows. */
function gluedClosing(
  line: string,
  fence: Fence,
  lines: readonly string[],
  index: number,
): string | undefined {
  if (!line.trimEnd().endsWith(fence.mark) || line.trim() === fence.mark) return undefined;
  if (lines.slice(index + 1).some((later) => isClosing(later, fence))) return undefined;
  return line.trimEnd().slice(0, -fence.mark.length);
}

/** A fence inside a list is indented, and its code with it. */
function joined(lines: readonly string[], { indent }: Fence): string {
  const own =
    indent === 0 ? lines : lines.map((line) => line.replace(new RegExp(`^[ \\t]{0,${indent}}`), ''));
  return own
    .join('\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}
