/** Documents that are not what most are: suggestions there, and what undo leaves. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import type { LoggedRequest } from '../../src/extension/insight/completionLog';
import { activateWarm, OpenDocument, outcomeAfter, set, sleep, trigger, until } from './support';

const RELOAD_LIMIT_MS = 20_000;
const FOCUS_TRIES = 15;
const FOCUS_MS = 1000;
/** More than the editor tokenizes of a line, and than it shows of one. */
const LONG_LINE_UNITS = 120_000;

describe('suggestions in', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument | undefined;

  before(async () => {
    api = await activateWarm();
  });
  afterEach(async () => {
    await set('languages', undefined);
    await file?.close();
    file = undefined;
  });

  const asked = async (command = 'qwenCoder.trigger'): Promise<string> => {
    const before = api.lastOutcome();
    await vscode.commands.executeCommand(command);
    const outcome = await outcomeAfter(api, before);
    assert.ok(outcome.kind === 'suggestion', JSON.stringify(outcome));
    return outcome.text;
  };
  /** Takes what is shown, hands the text to a check, and sees that one undo restores it exactly. */
  const takeAndUndo = async (check: (text: string) => void): Promise<void> => {
    const { document } = vscode.window.activeTextEditor ?? assert.fail('no editor');
    const before = document.getText();
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    const after = document.getText();
    assert.notEqual(after, before);
    check(after);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  };

  it('CRLF documents have their line ends', async () => {
    const before = 'class Stack:\r\n    def __init__(self):\r\n        self.items = []\r\n\r\n    ';
    file = await OpenDocument.open('stack.py', before);
    const text = await asked('qwenCoder.suggestBlock');
    assert.match(text, /\r\n {8}\S/);
    assert.doesNotMatch(text, /[^\r]\n/);
    await takeAndUndo((after) => assert.equal(after, before + text));
  });

  it('tabbed documents are indented with tabs', async () => {
    const before =
      'package cart\n\nfunc total(prices []int) int {\n\tsum := 0\n\tfor _, price := range prices {\n\t\t';
    file = await OpenDocument.open('cart.go', before);
    const text = await asked('qwenCoder.suggestBlock');
    assert.match(text, /^sum \+= price\n\t\}/);
    assert.doesNotMatch(text, /^ +/m);
    await takeAndUndo((after) => assert.equal(after, before + text));
  });

  it('right-to-left text go where the cursor is', async () => {
    const before = '# סכום המחירים\ndef total(prices):\n    label = "סה״כ"\n    return ';
    file = await OpenDocument.open('total.py', before);
    const text = await asked();
    assert.match(text, /^(?:f?"|label|sum\()/);
    await takeAndUndo((after) => assert.equal(after, before + text));
  });

  it('very long lines come all the same', async () => {
    const numbers = '12, '.repeat(LONG_LINE_UNITS / 4);
    const before = `numbers = [${numbers}]\n\n\ndef largest():\n    return `;
    file = await OpenDocument.open('numbers.py', before);
    assert.match(await asked(), /\S/);
    file.editor.selection = new vscode.Selection(0, LONG_LINE_UNITS, 0, LONG_LINE_UNITS);
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion' || outcome.reason !== 'engine-failed', JSON.stringify(outcome));
  });

  it('a file that was changed on disk are about what it says now', async () => {
    file = await OpenDocument.open('area.py', 'def circle_area(radius):\n    return ');
    assert.match(await asked(), /radius/);
    const { document } = file.editor;
    await writeFile(document.uri.fsPath, 'def rectangle_area(width, height):\n    return ');
    await until(
      'the text on the disk',
      () => (document.getText().includes('rectangle') ? true : undefined),
      RELOAD_LIMIT_MS,
    );
    file.moveToEnd();
    assert.match(await asked(), /^width \* height/);
  });

  it('an untitled document', async () => {
    const before = 'def add(a, b):\n    return ';
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: before });
    const editor = await vscode.window.showTextDocument(document);
    const end = document.lineAt(document.lineCount - 1).range.end;
    editor.selection = new vscode.Selection(end, end);
    assert.match(await asked(), /^a \+ b/);
    await takeAndUndo((after) => assert.match(after, /return a \+ b/));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('a cell of a notebook', async function () {
    const cell = (text: string): vscode.NotebookCellData =>
      new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'python');
    const cells = [cell('import math\n'), cell('def area(radius):\n    return ')];
    const data = new vscode.NotebookData(cells);
    const opened = await vscode.workspace.openNotebookDocument('jupyter-notebook', data).then(
      (notebook) => notebook,
      () => undefined,
    );
    // Not every editor carries the type.
    if (opened === undefined) this.skip();
    await vscode.window.showNotebookDocument(opened, { selections: [new vscode.NotebookRange(1, 2)] });
    await vscode.commands.executeCommand('notebook.cell.edit');
    const editor = await until(
      'the cell’s editor',
      () => {
        const active = vscode.window.activeTextEditor;
        return active?.document.uri.scheme === 'vscode-notebook-cell' ? active : undefined;
      },
      RELOAD_LIMIT_MS,
    );
    const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    editor.selection = new vscode.Selection(end, end);
    const cellUri = editor.document.uri.toString();
    const before = editor.document.getText();
    const requests = (): readonly LoggedRequest[] =>
      api.insight.log.requests.filter(({ uri }) => uri === cellUri);
    // The editor of a cell is there before it has the focus, without which the keys do nothing.
    for (let tries = 0; editor.document.getText() === before && tries < FOCUS_TRIES; tries++) {
      await vscode.commands.executeCommand('notebook.cell.edit');
      await vscode.commands.executeCommand('qwenCoder.trigger');
      await sleep(FOCUS_MS);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    }
    const texts = requests().flatMap(({ answer }) => (answer.kind === 'suggestion' ? [answer.text] : []));
    const after = editor.document.getText();
    assert.match(after, /radius \*|math\.pi/, JSON.stringify(requests().slice(-4)));
    assert.ok(
      texts.some((text) => after.startsWith(before + text)),
      JSON.stringify({ after, texts }),
    );
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), before);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
