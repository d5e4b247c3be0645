/**
 * Ends where the written text leaves the block it was asked for, seen by indentation, which holds for languages with
 * braces and without. Cautious: it looks at whole blocks only and leaves strings over several lines alone. Where all that
 * could follow in the enclosing definition is missing too, the text ends with that instead; and it may leave the block
 * by the head of the one that stands below, or by another branch.
 */
import { end, type EndRule, type EndRuleContext } from './endRule';
import { cutBefore, indentOf, isCloser, opensBlock, writtenLines, type WrittenLine } from './lines';

/** A line of these languages that begins with `#` is for the preprocessor, wherever it is indented. */
const PREPROCESSED = new Set(['c', 'cpp', 'csharp', 'objective-c', 'objective-cpp', 'cuda-cpp']);
/** What another branch of the block before it begins with, in one language or another. */
const BRANCH_WORDS = 'else|elif|elsif|elseif|except|catch|finally|ensure|rescue';
const BRANCH = new RegExp(String.raw`^\s*(?:\}\s*)?(?:${BRANCH_WORDS})\b`);
/** What goes on with a block at the block's own indentation. */
const CONTINUATION = new RegExp(
  String.raw`^\s*(?:[)\]}{]|(?:${BRANCH_WORDS}|case|default|when|then|do|begin|end|while)\b)`,
);
/** What begins a block of statements. */
const BLOCK_HEAD =
  /^\s*(?:async\s+)?(?:if|for|foreach|while|until|unless|with|try|match|switch|select|loop|using|lock)\b/;
/** What begins a thing of its own, beside the one that the cursor is in. */
const DEFINITION =
  /^\s*(?:@|(?:(?:export|default|public|private|protected|internal|static|abstract|async|pub(?:\([^)]*\))?)\s+)*(?:class|constructor|def|enum|fn|func|function|impl|interface|module|namespace|struct|trait)\b)/;
/** A first word that is all there: what follows can no longer make it a continuation. */
const DECIDED = /^\s*(?:[\p{L}_][\p{L}\p{N}_]*[^\p{L}\p{N}_]|[^\p{L}_\s])/u;

export const endOfScope: EndRule = (text, context, complete) => {
  const lines = writtenLines(text, context, complete);
  const firstIndex = lines.findIndex((line) => line.full !== '');
  const first = lines[firstIndex];
  if (first === undefined) return 'continue';
  const base = indentOf(first.full);
  /** A block that begins on the cursor's line or is asked for, or a definition at the file's left edge, ends with it. */
  const endsAtBase =
    base === 0 ||
    opensBlockHere(first.full, context) ||
    (context.length === 'block' && opensBlock(first.full));
  let deeper = false;
  for (const line of lines.slice(firstIndex + 1)) {
    if (line.full === '' || ignored(line, context)) continue;
    if (insideString(context.linePrefix + text.slice(0, line.start))) continue;
    const indent = indentOf(line.full);
    if (indent > base) {
      deeper = true;
      continue;
    }
    if (!line.closed && !DECIDED.test(line.full)) return 'continue';
    if (indent < base) {
      if (!line.closed && mayBecomeBranch(line, indent, context)) return 'continue';
      // A bracket that closes the block around the cursor belongs to the text if the suffix lacks it.
      if (isCloserOrUnfinished(line) && !closedBelow(indent, context)) continue;
      if (belongsOutside(line, indent, context)) continue;
      return end(cutBefore(text, line));
    }
    if (endsAtBase && deeper && !CONTINUATION.test(line.full)) return end(cutBefore(text, line));
  }
  return 'continue';
};

function opensBlockHere(firstLine: string, { linePrefix }: EndRuleContext): boolean {
  return linePrefix.trim() !== '' && opensBlock(firstLine);
}

function ignored(line: WrittenLine, { languageId }: EndRuleContext): boolean {
  return PREPROCESSED.has(languageId) && /^\s*#/.test(line.full);
}

function isCloserOrUnfinished(line: WrittenLine): boolean {
  return isCloser(line.full) || (!line.closed && /^\s*[)\]}]/.test(line.full));
}

/** Whether the document below the cursor still holds the end of the block with that indentation. */
function closedBelow(indent: number, { linesBelow }: EndRuleContext): boolean {
  const [below] = linesBelow;
  if (below === undefined) return false;
  if (indentOf(below) > indent) return true;
  return indentOf(below) === indent && /^\s*(?:[)\]}]|end\b|fi\b|done\b|esac\b)/.test(below);
}

/**
 * Whether a line left of the cursor's block is wanted. Where nothing stands below, or what does begins at the file's left
 * edge, the rest of what the cursor is in is still to be written, up to the next thing. Otherwise it is wanted where it
 * goes on with an outer block (`else:`, `except`, `} catch`) before what stands below, or where it is the head of that,
 * which lies deeper.
 */
function belongsOutside(line: WrittenLine, indent: number, context: EndRuleContext): boolean {
  if (!mayLeaveBlock(context)) return false;
  const below = restBelow(context);
  if (below === undefined) return indent > 0 && !DEFINITION.test(line.full);
  if (line.closed && !opensBlock(line.full)) return false;
  if (indentOf(below) > indent) return CONTINUATION.test(line.full) || BLOCK_HEAD.test(line.full);
  return BRANCH.test(line.full) && takesBranch(indent, below);
}

/** Whether a bracket that has just been written, or a word behind it, may go on as `} catch`, and would be wanted then. */
function mayBecomeBranch({ full }: WrittenLine, indent: number, context: EndRuleContext): boolean {
  if (!mayLeaveBlock(context) || !/^\s*\}\s*\p{L}*$/u.test(full)) return false;
  const below = restBelow(context);
  return below !== undefined && takesBranch(indent, below);
}

/** Whether the text may go beyond the block of the cursor at all: not where a block is asked for, nor inside a line. */
function mayLeaveBlock({ length, lineSuffix }: EndRuleContext): boolean {
  return length === 'auto' && lineSuffix.trim() === '';
}

/** What stands below, where that is the rest of what the cursor is in, and not a thing of its own at the left edge. */
function restBelow({ linesBelow: [below] }: EndRuleContext): string | undefined {
  return below === undefined || (indentOf(below) === 0 && !CONTINUATION.test(below)) ? undefined : below;
}

/** Whether another branch with that indentation would go before what stands below, rather than into a chain of others. */
function takesBranch(indent: number, below: string): boolean {
  return indentOf(below) === indent && !BRANCH.test(below);
}

function insideString(text: string): boolean {
  for (const quote of ['"""', "'''", '`']) if (text.split(quote).length % 2 === 0) return true;
  return false;
}
