/** *Generate Tests* and *Run Generated Tests*: a diff first; run and written when the person says so. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { detectFramework, type Framework, type ProjectFacts } from '../../assist/testgen/framework';
import { dialectOf, generateTests, testFileText } from '../../assist/testgen/generate';
import type { DroppedTest } from '../../assist/testgen/sieve';
import type { TestParts } from '../../assist/testgen/dialect';
import { reportInMarkdown } from '../../assist/testgen/report';
import type { TestResult } from '../../assist/testgen/results';
import { subjectOf, type Subject } from '../../assist/testgen/subject';
import { testTarget } from '../../assist/testgen/target';
import { verifyTests } from '../../assist/testgen/verify';
import type { CodeSymbol, Syntax } from '../../assist/syntax/syntax';
import type { AnswerSink } from '../assist/answerSink';
import type { AssistRunner, RunContext } from '../assist/assistRunner';
import type { CodePlace, CodePlaces } from '../assist/codePlace';
import type { EditOutcome, EditPreview } from '../edits/editPreview';
import type { EditPreviews } from '../edits/editPreviews';
import { withLineFeeds } from '../edits/hunks';
import { pathOf, pathWithin } from '../paths';
import { documentText } from '../textFiles';
import { proposeGenericTests } from './genericTests';
import { projectFacts } from './projectFacts';
import { isRunnable, runTests } from './runTests';

/** Symbols of a file that get tests when the whole file is asked for. */
const MAX_SUBJECTS = 6;
/** Whether the diff in front holds tests that can be run. */
const PROPOSED_CONTEXT = 'qwenCoder.testsProposed';

export interface TestCommandDeps {
  readonly runner: AssistRunner;
  readonly places: CodePlaces;
  readonly previews: EditPreviews;
  readonly answers: AnswerSink;
  readonly syntax: Syntax;
}

/** Tests that were generated for one file. */
interface Batch {
  readonly folder: vscode.WorkspaceFolder;
  readonly uri: vscode.Uri;
  /** Text of the test file before; undefined for a new one. */
  readonly existing: string | undefined;
  pieces: { readonly subject: Subject; readonly parts: TestParts }[];
  readonly dropped: DroppedTest[];
}

export class TestCommands {
  #last: { readonly batch: Batch; readonly preview: EditPreview } | undefined;

  constructor(private readonly deps: TestCommandDeps) {}

  /** For the selection's symbols, the symbol at the cursor, or the whole file where there is none. */
  async generate(): Promise<EditOutcome | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return undefined;
    const place = await this.deps.places.at(editor);
    const project = await this.#project(place);
    if (project === undefined) return undefined;
    if (dialectOf(project.framework.id) === undefined) {
      return proposeGenericTests(this.deps, { ...project, place, selected: !editor.selection.isEmpty });
    }
    const subjects = await this.#subjects(editor, place, project);
    if (subjects === undefined) return undefined;
    const { batch, all } = subjects;
    const title = `Tests for ${all.length === 1 ? all[0]?.title : posix.basename(place.document.uri.path)}`;
    const text = await this.deps.runner.run(title, (context) => this.#write(context, batch, all));
    if (text === undefined) return undefined;
    if (batch.pieces.every(({ parts }) => parts.tests.length === 0)) {
      await this.#show(batch, title);
      return undefined;
    }
    const { languageId } = place;
    const preview = this.deps.previews.begin({ uri: batch.uri, title, base: batch.existing, languageId });
    this.#last = { batch, preview };
    preview.settle(text);
    await preview.show();
    await vscode.commands.executeCommand('setContext', PROPOSED_CONTEXT, isRunnable(frameworkOf(batch)));
    if (batch.dropped.length > 0) this.#tellDropped(batch, title);
    const outcome = await preview.outcome;
    if (outcome !== 'rejected') await this.#accepted(batch);
    return outcome;
  }

  /** Runs the tests that were generated last, before or after they were accepted. */
  async run(): Promise<readonly TestResult[] | undefined> {
    const last = this.#last;
    if (last === undefined) {
      void vscode.window.showInformationMessage('There are no generated tests to run.');
      return undefined;
    }
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('This workspace is not trusted, so no tests are run in it.');
      return undefined;
    }
    const { batch, preview } = last;
    const title = `Run tests in ${posix.basename(batch.uri.path)}`;
    const done = await this.deps.runner.run(title, (context) => this.#verify(context, batch));
    if (done === undefined) return undefined;
    await this.#show(batch, title, done);
    this.#offerToLeaveOut(batch, preview, done.results);
    await this.#put(batch, preview, done.text);
    return done.results;
  }

  /** Into the diff while it is open, else as a change of what was accepted. */
  async #put(batch: Batch, preview: EditPreview, text: string): Promise<void> {
    if (this.deps.previews.open.includes(preview)) preview.settle(text);
    else if (withLineFeeds(await documentText(batch.uri)) !== text) {
      await this.deps.previews.proposeEdit({ uri: batch.uri, newText: text, title: 'Tests that run' });
    }
  }

  /** Whether a failing test has found a bug or expects something wrong is for the person to say. */
  #offerToLeaveOut(batch: Batch, preview: EditPreview, results: readonly TestResult[]): void {
    const failing = new Set(results.filter(({ status }) => status === 'failed').map(({ name }) => name));
    if (failing.size === 0) return;
    const leaveOut = 'Leave Them Out';
    const told = `${failing.size} of ${results.length} generated tests ${failing.size === 1 ? 'fails' : 'fail'}: a bug was found, or something wrong is expected.`;
    void vscode.window.showInformationMessage(told, leaveOut).then(async (chosen) => {
      if (chosen !== leaveOut) return;
      let text = batch.existing;
      for (const { subject, parts } of batch.pieces) {
        const tests = parts.tests.filter(({ name }) => !failing.has(name));
        if (tests.length > 0) text = await testFileText({ ...parts, tests }, subject, text, this.deps.syntax);
      }
      if (text !== undefined) await this.#put(batch, preview, text);
      else await preview.close();
    });
  }

  async #project({ document, languageId }: CodePlace): Promise<Project | undefined> {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri);
    if (folder === undefined) {
      void vscode.window.showInformationMessage('Tests need a folder that is open in the editor.');
      return undefined;
    }
    const path = pathWithin(folder.uri, document.uri);
    const facts = await projectFacts(folder, path);
    return { folder, path, facts, framework: detectFramework(languageId, path, facts) };
  }

  async #subjects(
    editor: vscode.TextEditor,
    place: CodePlace,
    { folder, path, facts, framework }: Project,
  ): Promise<{ batch: Batch; all: Subject[] } | undefined> {
    const { languageId, text } = place;
    const symbols = (await this.deps.syntax.symbols(text, languageId)) ?? [];
    const chosen = chooseSymbols(symbols, place, editor.selection);
    if (chosen.length === 0) {
      void vscode.window.showInformationMessage('There is no function or class here to test.');
      return undefined;
    }
    const target = testTarget({ languageId, path, text }, framework, facts);
    const uri = vscode.Uri.joinPath(folder.uri, target.path);
    const existing = target.exists ? withLineFeeds(await documentText(uri)) : undefined;
    const all = chosen.map((symbol) => subjectOf(symbol, symbols, text, languageId, framework, target));
    return { batch: { folder, uri, existing, pieces: [], dropped: [] }, all };
  }

  async #write(
    { engine, signal, report }: RunContext,
    batch: Batch,
    all: readonly Subject[],
  ): Promise<string> {
    const { syntax } = this.deps;
    let text = batch.existing;
    for (const subject of all) {
      report(all.length === 1 ? 'cases, then code' : subject.title);
      const context = { engine, syntax, signal, existing: text ?? '' };
      const { parts, dropped } = await generateTests(context, subject);
      batch.dropped.push(...dropped);
      if (parts.tests.length === 0) continue;
      batch.pieces.push({ subject, parts });
      text = await testFileText(parts, subject, text, syntax);
    }
    return text ?? '';
  }

  async #verify({ engine, signal, report }: RunContext, batch: Batch): Promise<Verified> {
    const { syntax } = this.deps;
    let text = batch.existing;
    const results: TestResult[] = [];
    const dropped: DroppedTest[] = [];
    const repaired: string[] = [];
    let notRun: string | undefined;
    const pieces: Batch['pieces'] = [];
    for (const { subject, parts } of batch.pieces) {
      report(subject.title);
      const { framework, target } = subject;
      const run = (fileText: string) =>
        runTests(
          { framework: framework.id, root: batch.folder.uri.fsPath, path: target.path, text: fileText },
          signal,
        );
      const verified = await verifyTests(
        { engine, syntax, signal, existing: text ?? '' },
        subject,
        parts,
        run,
      );
      results.push(...verified.results);
      dropped.push(...verified.dropped);
      repaired.push(...verified.repaired);
      notRun ??= verified.notRun;
      if (verified.parts.tests.length === 0) continue;
      pieces.push({ subject, parts: verified.parts });
      text = await testFileText(verified.parts, subject, text, syntax);
    }
    batch.pieces = pieces;
    batch.dropped.push(...dropped);
    return { text: text ?? '', results, repaired, ...(notRun === undefined ? {} : { notRun }) };
  }

  #tellDropped(batch: Batch, title: string): void {
    const count = batch.dropped.length;
    const show = 'Show Why';
    void vscode.window
      .showInformationMessage(`${count} generated ${count === 1 ? 'test was' : 'tests were'} dropped.`, show)
      .then((chosen) => chosen && this.#show(batch, title));
  }

  async #accepted(batch: Batch): Promise<void> {
    const document = await vscode.workspace.openTextDocument(batch.uri);
    await document.save();
    await vscode.window.showTextDocument(document, { preview: false });
    if (!vscode.workspace.isTrusted || !isRunnable(frameworkOf(batch))) return;
    const run = 'Run Tests';
    void vscode.window
      .showInformationMessage(`The tests are in ${pathOf(batch.uri)}.`, run)
      .then((chosen) => chosen && this.run());
  }

  async #show(batch: Batch, title: string, verified?: Verified): Promise<void> {
    const [first] = batch.pieces;
    const stream = await this.deps.answers.begin(title);
    stream.update(
      reportInMarkdown({
        title: batch.pieces.length === 1 ? (first?.subject.title ?? title) : posix.basename(batch.uri.path),
        framework: frameworkOf(batch),
        reason: first?.subject.framework.reason ?? '',
        path: pathOf(batch.uri),
        kept: batch.pieces.reduce((sum, { parts }) => sum + parts.tests.length, 0),
        dropped: batch.dropped,
        ...verified,
      }),
    );
    stream.end();
  }
}

interface Project {
  readonly folder: vscode.WorkspaceFolder;
  /** Of the source, relative to the folder. */
  readonly path: string;
  readonly facts: ProjectFacts;
  readonly framework: Framework;
}

interface Verified {
  readonly text: string;
  readonly results: readonly TestResult[];
  readonly repaired: readonly string[];
  readonly notRun?: string;
}

const frameworkOf = ({ pieces }: Batch) => pieces[0]?.subject.framework.id ?? 'generic';

/** Those the selection touches, the one at the cursor, or those at the top of the file. */
function chooseSymbols(
  symbols: readonly CodeSymbol[],
  { symbol, startLine, endLine }: CodePlace,
  selection: vscode.Selection,
): readonly CodeSymbol[] {
  const testable = symbols.filter(({ kind, body }) => kind !== 'type' && body !== undefined);
  const top = testable.filter(({ within }) => within.length === 0);
  if (!selection.isEmpty) {
    const touched = top.filter((each) => each.startLine <= endLine && startLine <= each.endLine);
    const inside =
      symbol !== undefined && touched.length <= 1 && testable.includes(symbol) ? [symbol] : touched;
    return inside.slice(0, MAX_SUBJECTS);
  }
  if (symbol !== undefined && testable.includes(symbol)) return [symbol];
  return top.slice(0, MAX_SUBJECTS);
}
