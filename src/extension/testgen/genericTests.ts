/** Tests in a language that nothing is known of but its name: shown as a diff like the others, and never run. */
import * as vscode from 'vscode';
import { generateGenericTests, type GenericSubject } from '../../assist/testgen/generic';
import { genericPlan, type GenericPlan } from '../../assist/testgen/genericPlan';
import type { ProjectFacts } from '../../assist/testgen/framework';
import { showInstead } from '../assist/streamedEdit';
import type { CodePlace } from '../assist/codePlace';
import type { EditOutcome } from '../edits/editPreview';
import type { TestCommandDeps } from './testCommands';

export interface GenericRequest {
  readonly place: CodePlace;
  readonly folder: vscode.WorkspaceFolder;
  /** Of the source, relative to the folder. */
  readonly path: string;
  readonly facts: ProjectFacts;
  /** Whether the person has selected what is to be tested. */
  readonly selected: boolean;
}

/** @returns undefined where there was nothing to decide on; the person has been told why */
export async function proposeGenericTests(
  { runner, previews, answers, syntax }: TestCommandDeps,
  { place, folder, path, facts, selected }: GenericRequest,
): Promise<EditOutcome | undefined> {
  const { languageId } = place;
  const plan = genericPlan(languageId, path, facts);
  const subject = subjectAt(place, path, selected);
  const title = `Tests for ${subject.title}`;
  const written = await runner.run(title, ({ engine, signal, report }) => {
    report(`for ${plan.framework}`);
    return generateGenericTests({ engine, syntax, signal }, subject, plan);
  });
  if (written === undefined) return undefined;
  if (written.kind === 'none') {
    await showInstead(answers, title, written.why, written.answer);
    return undefined;
  }
  const uri = vscode.Uri.joinPath(folder.uri, plan.path);
  const preview = previews.begin({ uri, title, base: undefined, languageId });
  preview.settle(written.text);
  await preview.show();
  void vscode.window.showInformationMessage(howFarChecked(plan, written.checked));
  const outcome = await preview.outcome;
  if (outcome !== 'rejected') {
    const document = await vscode.workspace.openTextDocument(uri);
    await document.save();
    await vscode.window.showTextDocument(document, { preview: false });
  }
  return outcome;
}

/** Tests that were not run are not called more than they are. */
const howFarChecked = ({ framework, reason }: GenericPlan, parsed: boolean): string =>
  `Tests for ${framework} (${reason}). They ${parsed ? 'parse, but' : 'were not checked and'} have not been run: that is not possible from here in this language.`;

function subjectAt(place: CodePlace, path: string, selected: boolean): GenericSubject {
  const { symbol, languageId, text, code } = place;
  if (selected || symbol === undefined)
    return { languageId, path, title: path, code: selected ? code : text };
  // Methods are called on their object: the model has to see how one is made.
  const whole = symbol.within.length === 0 ? text.slice(symbol.start, symbol.end) : text;
  return {
    languageId,
    path,
    title: [...symbol.within, symbol.name].join('.'),
    name: symbol.name,
    code: whole,
  };
}
