/** Code that a comment in the document asks for. */
import type { Engine } from '../../inference/engine';
import { fitIndentation, leadingBlanks, type IndentStyle } from '../answer/indentation';
import { readCode } from '../answer/readCode';
import type { Answer, Question } from '../ask';
import { codeQuestion, fenced, surroundings } from './prompts';
import { CUT_OFF, NO_CODE, type Rewritten } from './rewrite';

export interface CommentTask {
  readonly languageId: string;
  /** The comment's whole lines. */
  readonly comment: string;
  /** The document before and after them. */
  readonly before: string;
  readonly after: string;
}

const BEFORE_TOKENS = 600;
const AFTER_TOKENS = 150;
const CODE_TOKENS = 500;

const COMMENT_LINE = /^\s*(?:\/\/|#(?!\s*(?:include|define|if|endif|pragma)\b)|--|;|\/?\*|"""|''')/;

/** Lines of the comment at a line, from 0 and both included; undefined where there is none. */
export function commentAt(
  lines: readonly string[],
  line: number,
): { start: number; end: number } | undefined {
  const isComment = (index: number): boolean => COMMENT_LINE.test(lines[index] ?? '');
  // The cursor may stand in the blank line below the comment.
  const at = isComment(line)
    ? line
    : lines[line]?.trim() === '' && isComment(line - 1)
      ? line - 1
      : undefined;
  if (at === undefined) return undefined;
  let start = at;
  let end = at;
  while (start > 0 && isComment(start - 1)) start--;
  while (end + 1 < lines.length && isComment(end + 1)) end++;
  return { start, end };
}

/** @throws EngineError `context-overflow` */
export async function commentQuestion(engine: Engine, task: CommentTask): Promise<Question> {
  const { languageId, comment } = task;
  const before = await surroundings(engine, task.before.trimEnd(), {
    words: 'The file so far:',
    languageId,
    maxTokens: BEFORE_TOKENS,
    keep: 'end',
  });
  const after = await surroundings(engine, task.after.trim(), {
    words: 'Further below it goes on:',
    languageId,
    maxTokens: AFTER_TOKENS,
    keep: 'start',
  });
  const text = `${before}${after}Write the code that this comment asks for, and only that. Do not repeat what the file has already.\n${fenced(comment, languageId)}`;
  return codeQuestion(engine, text, { languageId, wanted: CODE_TOKENS, beginning: `${comment}\n` });
}

/** The code that goes below the comment, at its indentation. */
export function readCommentCode(answer: Answer, task: CommentTask, style: IndentStyle): Rewritten {
  if (!answer.whole) return { kind: 'none', why: CUT_OFF };
  const code = partialCommentCode(answer.text, task, style);
  return code.trim() === '' ? { kind: 'none', why: NO_CODE } : { kind: 'code', code };
}

export function partialCommentCode(
  text: string,
  { comment, languageId }: CommentTask,
  style: IndentStyle,
): string {
  const read = readCode(text, languageId);
  // The fence's reader takes the first line's blanks for its own where the whole comment is indented: compare trimmed.
  const lines = read?.code.split('\n') ?? [];
  const own = lines.slice(comment.trim().split('\n').length).join('\n').replace(/^\n+/, '');
  if (own.trim() === '') return '';
  return fitIndentation(own, leadingBlanks(comment), style);
}
