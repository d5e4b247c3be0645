/** Fix, refactor and edit: a piece of code goes in with what is wanted of it, and comes back changed. */
import { fenceTag, readCode } from '../answer/readCode';
import { fitIndentation, leadingBlanks, type IndentStyle } from '../answer/indentation';
import { countTokens } from '../budget';
import type { Answer, Question } from '../ask';
import type { Engine } from '../../inference/engine';
import { codeQuestion, fenced, surroundings } from './prompts';

export interface RewriteTask {
  readonly kind: 'fix' | 'refactor' | 'edit';
  /** The person's words, or the problems to fix, one per line. */
  readonly instruction: string;
  readonly languageId: string;
  /** Whole lines. */
  readonly code: string;
  /** What stands before it in the document. */
  readonly before: string;
}

/** The part of the document before the code that goes along, in tokens. */
const BEFORE_TOKENS = 300;
/** An answer may be this much longer than the code that went in. */
const GROWTH = 1.6;
const GROWTH_TOKENS = 200;

const TASKS: Readonly<Record<RewriteTask['kind'], (instruction: string) => string>> = {
  fix: (problems) => `Fix this problem in the code below:\n${problems}`,
  refactor: (instruction) =>
    `Refactor the code below: ${instruction}\nIt must behave as before. Keep names that others may use.`,
  edit: (instruction) => `Change the code below: ${instruction}`,
};

/**
 * One problem of a *Fix*, with the text of its line, since line numbers mean nothing in a piece of code.
 *
 * @param source who found it, as the editor shows it
 */
export const problemInWords = (message: string, source: string | undefined, line: string): string =>
  `- ${message.replace(/\s+/g, ' ')}${source === undefined ? '' : ` (${source})`}, in the line \`${line.trim()}\``;

/** @throws EngineError `context-overflow` where the code is too long to come back whole */
export async function rewriteQuestion(engine: Engine, task: RewriteTask): Promise<Question> {
  const { kind, instruction, languageId, code } = task;
  const above = await surroundings(engine, task.before.trimEnd(), {
    words: 'This stands above it in the file:',
    languageId,
    maxTokens: BEFORE_TOKENS,
    keep: 'end',
  });
  const told =
    code.trim() === ''
      ? `Write this: ${instruction}\nAnswer with the code only.\nThe language is ${fenceTag(languageId)}.`
      : `${TASKS[kind](instruction)}\nAnswer with the whole changed code and no explanation.\n${fenced(code, languageId)}`;
  const wanted = Math.ceil((await countTokens(engine, code)) * GROWTH) + GROWTH_TOKENS;
  return codeQuestion(engine, above + told, { languageId, wanted });
}

export type Rewritten =
  { readonly kind: 'code'; readonly code: string } | { readonly kind: 'none'; readonly why: string };

/** Why an answer is not applied. */
export const CUT_OFF = 'the answer was cut off, because there was no more room for it';
export const NO_CODE = 'the answer has no code';
export const NO_CHANGE = 'the model changed nothing';
export const DOES_NOT_PARSE = 'the code of the answer does not parse';

/** The changed code at its place, or why there is none. */
export function readRewrite(answer: Answer, code: string, languageId: string, style: IndentStyle): Rewritten {
  if (!answer.whole) return { kind: 'none', why: CUT_OFF };
  const read = readCode(answer.text, languageId);
  if (read === undefined) return { kind: 'none', why: NO_CODE };
  const fitted = fitIndentation(read.code, baseOf(code), style);
  return fitted === code.trimEnd() ? { kind: 'none', why: NO_CHANGE } : { kind: 'code', code: fitted };
}

/** The code that has come so far, at its place; empty before the first line. */
export function partialRewrite(text: string, code: string, languageId: string, style: IndentStyle): string {
  const read = readCode(text, languageId);
  return read === undefined ? '' : fitIndentation(read.code, baseOf(code), style);
}

/** Blanks before the first line that has text. */
export const baseOf = (code: string): string =>
  leadingBlanks(code.split('\n').find((line) => line.trim() !== '') ?? '');
