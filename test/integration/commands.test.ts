/** Commands for code in the real extension host: previews, hunks, undo, and what the real model makes of them. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { activate, OpenDocument, until } from './support';

const ANSWER_LIMIT_MS = 90_000;

describe('a proposed edit', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument;
  const base = 'a = 1\nb = 2\nc = 3\nd = 4\n';

  before(async () => void (api = await activate()));
  beforeEach(async () => void (file = await OpenDocument.open('edit.py', base)));
  afterEach(async () => {
    for (const preview of api.assist.previews.open) await preview.close();
    await vscode.window.showTextDocument(file.editor.document);
    await file.close();
  });

  const shownDiff = () =>
    until(
      'the diff',
      () => {
        const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
        const isDiff =
          input instanceof vscode.TabInputTextDiff && input.modified.scheme === 'qwen-coder-edit';
        return isDiff && api.assist.previews.open.length > 0 ? input : undefined;
      },
      10_000,
    );
  const propose = (newText: string) => {
    const { uri } = file.editor.document;
    return {
      outcome: api.assist.previews.proposeEdit({ uri, newText, title: 'test' }),
      shown: shownDiff(),
    };
  };

  it('is written when it is accepted, in one undo step', async () => {
    const { outcome, shown } = propose('a = 10\nb = 2\nc = 3\nd = 40\n');
    await shown;
    assert.equal(file.text, base);
    await vscode.commands.executeCommand('qwenCoder.acceptEdit');
    assert.equal(await outcome, 'accepted');
    assert.equal(file.text, 'a = 10\nb = 2\nc = 3\nd = 40\n');
    await vscode.window.showTextDocument(file.editor.document);
    await vscode.commands.executeCommand('undo');
    assert.equal(file.text, base);
  });

  it('is accepted and rejected change by change', async () => {
    const { outcome, shown } = propose('a = 10\nb = 2\nc = 3\nd = 40\n');
    await shown;
    const [preview] = api.assist.previews.open;
    assert.ok(preview);
    assert.equal(preview.hunks.length, 2);
    await preview.accept(preview.hunks.slice(1));
    assert.equal(file.text, 'a = 1\nb = 2\nc = 3\nd = 40\n');
    preview.reject();
    assert.equal(await outcome, 'partly');
    assert.equal(file.text, 'a = 1\nb = 2\nc = 3\nd = 40\n');
  });

  it('moves with what changes elsewhere, and is refused where that is at its place', async () => {
    const { outcome, shown } = propose('a = 1\nb = 2\nc = 30\nd = 4\n');
    await shown;
    const change = async (line: number, text: string): Promise<void> => {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(file.editor.document.uri, new vscode.Position(line, 0), text);
      assert.ok(await vscode.workspace.applyEdit(edit));
    };
    await change(0, 'new = 0\n');
    const [preview] = api.assist.previews.open;
    assert.ok(preview);
    assert.match(preview.text, /^new = 0\na = 1\nb = 2\nc = 30/);
    await change(3, '# ');
    await preview.accept();
    assert.equal(file.text, 'new = 0\na = 1\nb = 2\n# c = 3\nd = 4\n');
    await preview.close();
    assert.equal(await outcome, 'rejected');
  });

  it('counts as rejected when its diff is closed', async () => {
    const { outcome, shown } = propose('x\n');
    await shown;
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    assert.equal(await outcome, 'rejected');
    assert.equal(file.text, base);
  });

  it('can be a file that does not exist yet', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'qwen-coder-new-'));
    const path = join(folder, 'new.py');
    const outcome = api.assist.previews.proposeEdit({
      uri: vscode.Uri.file(path),
      newText: 'x = 1\n',
      title: 'new',
    });
    await shownDiff();
    await vscode.commands.executeCommand('qwenCoder.acceptEdit');
    await until('the decision', () => (api.assist.previews.open.length === 0 ? true : undefined), 10_000);
    assert.equal(await outcome, 'accepted');
    assert.equal(await readFile(path, 'utf8'), 'x = 1\n');
    await rm(folder, { recursive: true });
  });
});

describe('commands for code', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument | undefined;

  before(async () => void (api = await activate()));
  afterEach(async () => {
    for (const preview of api.assist.previews.open) await preview.close();
    if (file !== undefined) await vscode.window.showTextDocument(file.editor.document);
    await file?.close();
    file = undefined;
  });

  const settled = () =>
    until(
      'a settled edit',
      () => api.assist.previews.open.find((preview) => preview.settled),
      ANSWER_LIMIT_MS,
      () => api.assist.answers.lastText,
    );

  it('document a function without touching its code', async () => {
    const code = 'def add(a, b):\n    return a + b\n';
    file = await OpenDocument.open('add.py', code);
    file.editor.selection = new vscode.Selection(1, 4, 1, 4);
    void vscode.commands.executeCommand('qwenCoder.document');
    const preview = await settled();
    assert.match(preview.text, /^def add\(a, b\):\n {4}"""[\s\S]+"""\n {4}return a \+ b\n$/);
    await preview.accept();
    assert.equal(file.text, preview.text);
  });

  it('edit by instruction, seen as a diff', async () => {
    file = await OpenDocument.open('area.py', 'def area(r):\n    return 3 * r * r\n');
    file.editor.selection = new vscode.Selection(0, 0, 2, 0);
    void vscode.commands.executeCommand('qwenCoder.edit', 'rename the parameter r to radius');
    const preview = await settled();
    assert.match(preview.text, /def area\(radius\):/);
    assert.equal(file.text, 'def area(r):\n    return 3 * r * r\n');
    preview.reject();
  });

  it('show an edit while it is written, before the answer has ended', async () => {
    // So many that a fast machine does not write all of it between two looks of the editor.
    const names = [
      'add',
      'subtract',
      'multiply',
      'divide',
      'power',
      'remainder',
      'minimum',
      'maximum',
      'mean',
      'median',
      'mode',
      'distance',
      'angle',
      'scale',
    ];
    const functions = names.map(
      (name) => `def ${name}(a, b):\n    result = operate("${name}", a, b)\n    return result\n`,
    );
    const code = functions.join('\n\n');
    file = await OpenDocument.open('operations.py', code);
    file.editor.selection = new vscode.Selection(0, 0, file.editor.document.lineCount, 0);
    void vscode.commands.executeCommand('qwenCoder.edit', 'rename the variable result to value everywhere');
    const seen = new Set<string>();
    const shown = new Set<string>();
    await until(
      'a settled edit',
      () => {
        const [preview] = api.assist.previews.open;
        if (preview === undefined) return seen.size > 0 ? true : undefined;
        if (preview.settled) return true;
        seen.add(preview.text);
        // What the person has in front, not only what is about to be shown.
        const right = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'qwen-coder-edit');
        if (right !== undefined) shown.add(right.getText());
        return undefined;
      },
      ANSWER_LIMIT_MS,
    );
    // The text before, and several on the way.
    assert.ok(seen.size >= 3, `${seen.size} texts`);
    assert.ok(shown.size >= 3, `${shown.size} texts of the diff`);
    assert.equal(file.text, code);
  });

  it('write code below a comment', async () => {
    file = await OpenDocument.open('even.py', '# a function is_even(n) that returns whether n is even\n');
    file.editor.selection = new vscode.Selection(0, 5, 0, 5);
    void vscode.commands.executeCommand('qwenCoder.generateFromComment');
    const preview = await settled();
    assert.match(preview.text, /^# a function[^\n]*\n+def is_even\(n\):/);
  });

  it('explain in a rendered document', async () => {
    file = await OpenDocument.open('add.py', 'def add(a, b):\n    return a + b\n');
    file.editor.selection = new vscode.Selection(1, 4, 1, 4);
    await vscode.commands.executeCommand('qwenCoder.explain');
    assert.match(api.assist.answers.lastText, /^# `add` in/);
    assert.match(api.assist.answers.lastText, /add|sum/i);
  });

  it('offer a fix where there is a problem', async () => {
    file = await OpenDocument.open('problem.py', 'def f():\n    return x\n');
    const { uri } = file.editor.document;
    const problems = vscode.languages.createDiagnosticCollection('test');
    const range = new vscode.Range(1, 11, 1, 12);
    problems.set(uri, [new vscode.Diagnostic(range, 'x is not defined')]);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      range,
    );
    problems.dispose();
    assert.ok(
      actions.some(({ title }) => title === 'Fix (Qwen Coder)'),
      JSON.stringify(actions.map(({ title }) => title)),
    );
  });
});

function proposedTests(api: QwenCoderTestApi) {
  void vscode.commands.executeCommand('qwenCoder.generateTests');
  return until(
    'tests',
    () => api.assist.previews.open.find(({ settled }) => settled),
    ANSWER_LIMIT_MS,
    () => api.assist.answers.lastText,
  );
}

describe('generated tests', () => {
  it('of a language that nothing is known of are a new file, and nothing is written before', async function () {
    this.timeout(240_000);
    const api = await activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const files = {
      'lib/cart.rb':
        'class Cart\n  def initialize\n    @prices = []\n  end\n\n  def total\n    @prices.sum\n  end\nend\n',
      'spec/user_spec.rb':
        "require_relative '../lib/user'\n\nRSpec.describe User do\n  it 'greets' do\n    expect(User.new('Ada').greeting).to eq('Hello, Ada')\n  end\nend\n",
    };
    for (const [path, text] of Object.entries(files))
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder.uri, path), Buffer.from(text));
    const editor = await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, 'lib/cart.rb'));
    await vscode.languages.setTextDocumentLanguage(editor.document, 'ruby');
    editor.selection = new vscode.Selection(0, 6, 0, 6);
    const preview = await proposedTests(api);
    assert.match(preview.text, /describe Cart do[\s\S]*expect/);
    const target = vscode.Uri.joinPath(folder.uri, 'spec/cart_spec.rb');
    await assert.rejects(async () => vscode.workspace.fs.stat(target));
    await preview.accept();
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(target)).toString(), preview.text);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['lib', 'spec'])
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder.uri, name), { recursive: true });
  });

  it('are proposed, run beside the workspace, and written when they are accepted', async function () {
    this.timeout(240_000);
    const api = await activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const source = vscode.Uri.joinPath(folder.uri, 'clamp.js');
    const text =
      'export function clamp(value, low, high) {\n  return Math.max(low, Math.min(value, high));\n}\n';
    await vscode.workspace.fs.writeFile(source, Buffer.from(text));
    const manifest = vscode.Uri.joinPath(folder.uri, 'package.json');
    await vscode.workspace.fs.writeFile(
      manifest,
      Buffer.from('{ "type": "module", "scripts": { "test": "node --test" } }'),
    );
    const editor = await vscode.window.showTextDocument(source);
    editor.selection = new vscode.Selection(1, 2, 1, 2);
    const preview = await proposedTests(api);
    assert.match(preview.text, /import \{ clamp \} from '\.\/clamp\.js';/);
    const results = await vscode.commands.executeCommand<{ status: string }[]>('qwenCoder.runGeneratedTests');
    assert.ok(results.length > 0, api.assist.answers.lastText);
    assert.ok(results.every(({ status }) => status === 'passed' || status === 'failed'));
    const target = vscode.Uri.joinPath(folder.uri, 'clamp.test.js');
    await assert.rejects(
      async () => vscode.workspace.fs.stat(target),
      'nothing is written before it is accepted',
    );
    await preview.accept();
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(target)).toString(), preview.text);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const uri of [source, manifest, target]) await vscode.workspace.fs.delete(uri);
  });
});
