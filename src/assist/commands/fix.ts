/**
 * *Fix*: the whole code is asked for first. A small model may give it back unchanged, sure of what it sees; then the line
 * that the problem was found in is left out and filled in anew, from what stands around it.
 */
import { ask, type Answer, type AskOptions } from '../ask';
import type { IndentStyle } from '../answer/indentation';
import type { Engine, GenerateRequest } from '../../inference/engine';
import { NO_CHANGE, readRewrite, rewriteQuestion, type Rewritten, type RewriteTask } from './rewrite';

export interface FixTask extends RewriteTask {
  readonly kind: 'fix';
  /** Where the first problem was found, from the first line of the code; absent where that is not known. */
  readonly faultyLine?: number;
  /** What stands behind it in the document. */
  readonly after: string;
}

/** Of one line. */
const LINE_TOKENS = 96;

/** @throws EngineError as `ask` and `rewriteQuestion` */
export async function fix(
  engine: Engine,
  task: FixTask,
  style: IndentStyle,
  options: AskOptions = {},
): Promise<{ answer: Answer; read: Rewritten }> {
  const answer = await ask(engine, await rewriteQuestion(engine, task), options);
  const read = readRewrite(answer, task.code, task.languageId, style);
  if (read.kind === 'code' || read.why !== NO_CHANGE) return { answer, read };
  const code = await fillFaultyLine(engine, task, options.signal);
  return { answer, read: code === undefined ? read : { kind: 'code', code } };
}

/** @returns the code with another line in the place of the faulty one, or undefined where it stays what it is */
async function fillFaultyLine(
  engine: Engine,
  { code, before, after, faultyLine }: FixTask,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const lines = code.split('\n');
  const line = faultyLine === undefined ? undefined : lines[faultyLine];
  if (faultyLine === undefined || line === undefined || line.trim() === '') return undefined;
  const indentation = /^\s*/.exec(line)?.[0] ?? '';
  const above = lines.slice(0, faultyLine).map((each) => `${each}\n`);
  const below = lines.slice(faultyLine + 1).map((each) => `\n${each}`);
  const request: GenerateRequest = {
    prompt: [
      { special: 'fim_prefix' },
      { text: tail(before) + above.join('') + indentation },
      { special: 'fim_suffix' },
      { text: below.join('') + head(after) },
      { special: 'fim_middle' },
    ],
    ...{ maxTokens: LINE_TOKENS, stopStrings: ['\n'], priority: 'background' },
  };
  let text = '';
  for await (const event of engine.generate(request, signal)) if (event.type === 'text') text += event.text;
  if (text.trim() === '' || text.trim() === line.trim()) return undefined;
  return above.join('') + indentation + text.trim() + below.join('');
}

/** What goes along of the text around the code, in UTF-16 units, about a third as many tokens. */
const AROUND_UNITS = 2000;

const tail = (before: string): string =>
  before === '' ? '' : `${before.slice(-AROUND_UNITS).trimEnd()}\n\n`;
const head = (after: string): string =>
  after.trim() === '' ? '\n' : `\n\n${after.trimStart().slice(0, AROUND_UNITS)}`;
