/** The commands that write, explain and check code, connected and registered. */
import * as vscode from 'vscode';
import type { Syntax } from '../../assist/syntax/syntax';
import { COMMANDS, type CommandId } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import { EditPreviews } from '../edits/editPreviews';
import type { ErrorNotifier } from '../errorNotifier';
import { EVERY_DOCUMENT } from '../inlineProvider';
import { TestCommands } from '../testgen/testCommands';
import { AnswerDocuments } from './answerSink';
import { AssistRunner, type EngineSource } from './assistRunner';
import { AssistActions } from './codeActions';
import { CodePlaces } from './codePlace';
import { EditCommands } from './editCommands';
import { ReadCommands, targetOf } from './readCommands';

export interface AssistPartsDeps {
  readonly engines: EngineSource;
  readonly errors: ErrorNotifier;
  readonly log: (line: string) => void;
  readonly syntax: Syntax;
}

export interface AssistParts extends DisposableLike {
  /** Shows edits and waits for the decision; also for others that have code to apply. */
  readonly previews: EditPreviews;
  readonly answers: AnswerDocuments;
}

export function makeAssistParts({ engines, errors, log, syntax }: AssistPartsDeps): AssistParts {
  const owned = new Disposables();
  const previews = owned.add(new EditPreviews());
  const answers = owned.add(new AnswerDocuments());
  const runner = new AssistRunner({ engines, errors, log });
  const places = new CodePlaces(syntax);
  const edits = new EditCommands({ runner, previews, syntax, answers, places });
  const reads = new ReadCommands({ runner, places, answers, previews });
  const tests = new TestCommands({ runner, places, previews, answers, syntax });
  const register = (id: CommandId, run: (...args: never[]) => unknown): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  register(COMMANDS.explain, () => reads.explain());
  register(COMMANDS.document, () => edits.document());
  register(COMMANDS.fix, (uri?: vscode.Uri, problems?: readonly vscode.Diagnostic[]) =>
    edits.fix(uri, problems),
  );
  register(COMMANDS.refactor, (instruction?: unknown) => edits.rewrite('refactor', textOf(instruction)));
  register(COMMANDS.edit, (instruction?: unknown) => edits.rewrite('edit', textOf(instruction)));
  register(COMMANDS.generateFromComment, () => edits.fromComment());
  register(COMMANDS.generateTests, () => tests.generate());
  register(COMMANDS.runGeneratedTests, () => tests.run());
  register(COMMANDS.reviewChanges, (view?: unknown) => reads.review(view));
  register(COMMANDS.commitMessage, (view?: unknown) => reads.commitMessage(view));
  register(COMMANDS.translate, (target?: unknown) => reads.translate(targetOf(target)));
  owned.add(
    vscode.languages.registerCodeActionsProvider(EVERY_DOCUMENT, new AssistActions(), {
      providedCodeActionKinds: AssistActions.kinds,
    }),
  );
  return { previews, answers, dispose: () => owned.dispose() };
}

/** A menu hands over a resource where a caller may hand over an instruction. */
const textOf = (argument: unknown): string | undefined =>
  typeof argument === 'string' ? argument : undefined;
