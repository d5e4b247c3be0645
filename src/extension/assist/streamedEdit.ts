/** An edit that is shown while the model writes it, and can be accepted once it is whole and parses. */
import { DOES_NOT_PARSE, type Rewritten } from '../../assist/commands/rewrite';
import type { Answer, AskOptions } from '../../assist/ask';
import type { Syntax } from '../../assist/syntax/syntax';
import type { Engine } from '../../inference/engine';
import type { EditOutcome } from '../edits/editPreview';
import type { EditPreviews } from '../edits/editPreviews';
import type { AnswerSink } from './answerSink';
import type { AssistRunner, RunContext } from './assistRunner';
import { withCode, withPartialCode, type CodePlace } from './codePlace';

/** The diff is computed anew for each piece; so often is enough to be seen coming, in milliseconds. */
const REFRESH_MS = 200;

export interface StreamedEditTask {
  readonly title: string;
  readonly place: CodePlace;
  readonly ask: (engine: Engine, options: AskOptions) => Promise<{ answer: Answer; read: Rewritten }>;
  /** The lines for the place, from what has come so far. */
  readonly partial: (text: string) => string;
}

export interface StreamedEditDeps {
  readonly runner: AssistRunner;
  readonly previews: EditPreviews;
  readonly syntax: Syntax;
  readonly answers: AnswerSink;
}

/** @returns undefined where there was nothing to decide on; the person has been told why */
export async function streamEdit(
  deps: StreamedEditDeps,
  task: StreamedEditTask,
): Promise<EditOutcome | undefined> {
  const { title, place } = task;
  const { document, languageId } = place;
  const preview = deps.previews.begin({ uri: document.uri, title, base: place.text, languageId });
  const closed = new AbortController();
  void preview.outcome.then(() => closed.abort());
  await preview.show();
  const answered = await deps.runner.run(
    title,
    (context) => stream(context, task, (text) => preview.update(text)),
    closed.signal,
  );
  if (answered === undefined) {
    await preview.close();
    return undefined;
  }
  const problem =
    answered.read.kind === 'none' ? answered.read.why : await misfit(deps.syntax, place, answered.read.code);
  if (problem !== undefined || answered.read.kind === 'none') {
    await preview.close();
    await showInstead(deps.answers, title, problem ?? '', answered.text);
    return undefined;
  }
  preview.settle(withCode(place, answered.read.code));
  return preview.outcome;
}

async function stream(
  { engine, signal }: RunContext,
  task: StreamedEditTask,
  show: (text: string) => void,
): Promise<{ read: Rewritten; text: string }> {
  let shown = 0;
  const onText = (text: string): void => {
    const now = performance.now();
    if (now - shown < REFRESH_MS) return;
    shown = now;
    show(withPartialCode(task.place, task.partial(text)));
  };
  const { answer, read } = await task.ask(engine, { signal, onText });
  return { read, text: answer.text };
}

async function misfit(syntax: Syntax, place: CodePlace, code: string): Promise<string | undefined> {
  const parses = await syntax.parsesAsWell(withCode(place, code), place.text, place.languageId);
  return parses === false ? DOES_NOT_PARSE : undefined;
}

/** What cannot be applied is shown, with the reason. */
export async function showInstead(
  answers: AnswerSink,
  title: string,
  why: string,
  text: string,
): Promise<void> {
  const stream = await answers.begin(title);
  const open = (text.match(/^\s*(?:`{3,}|~{3,})/gm) ?? []).length % 2 === 1;
  stream.update(`**Not applied:** ${why}. This is what the model wrote:\n\n${text}${open ? '\n```' : ''}\n`);
  stream.end();
}
