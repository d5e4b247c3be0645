/** Commands about changes, with the real model and the editor's own Git extension on a real repository. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { activate, OpenDocument, until } from './support';

const LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 90_000;

interface Repository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: { readonly workingTreeChanges: readonly unknown[] };
  status(): Promise<void>;
}

interface GitExports {
  readonly enabled: boolean;
  getAPI(version: 1): { openRepository(uri: vscode.Uri): Promise<Repository | null> };
}

describe('commands about changes', function () {
  this.timeout(240_000);
  let api: QwenCoderTestApi;
  let root: string;
  let repository: Repository;
  const settings = () => vscode.workspace.getConfiguration('git');
  let enabledBefore: unknown;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
    });

  before(async () => {
    api = await activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    root = join(folder.uri.fsPath, 'repository');
    await mkdir(root);
    git('init', '--quiet');
    await writeFile(join(root, 'mean.py'), 'def mean(values):\n    return sum(values) / len(values)\n');
    await writeFile(join(root, '.gitignore'), 'ignored.py\n');
    await writeFile(join(root, '.qwenignore'), 'private.py\n');
    await mkdir(join(root, 'parts'));
    await writeFile(join(root, 'parts', '.qwenignore'), 'inner.py\n');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Begin');
    // The editor of the tests has Git switched off.
    enabledBefore = settings().inspect('enabled')?.globalValue;
    await settings().update('enabled', true, vscode.ConfigurationTarget.Global);
    const extension = vscode.extensions.getExtension<GitExports>('vscode.git');
    assert.ok(extension, 'the editor has no Git extension');
    const exports = await extension.activate();
    await until('Git', () => (exports.enabled ? true : undefined), LIMIT_MS);
    const opened = await exports.getAPI(1).openRepository(vscode.Uri.file(root));
    assert.ok(opened, 'the repository was not opened');
    repository = opened;
  });

  after(async () => {
    // Before its folder is gone, which it would complain about.
    await vscode.commands.executeCommand('git.close', repository.rootUri);
    await settings().update('enabled', enabledBefore, vscode.ConfigurationTarget.Global);
    await rm(root, { recursive: true, force: true });
  });

  it('say so where there are none', async () => {
    const before = api.assist.answers.lastText;
    await vscode.commands.executeCommand('qwenCoder.reviewChanges', repository);
    assert.equal(api.assist.answers.lastText, before);
    assert.equal(await vscode.commands.executeCommand('qwenCoder.commitMessage', repository), undefined);
  });

  it('review what changed and what is not tracked yet, but not what is ignored or secret', async () => {
    await writeFile(join(root, 'mean.py'), 'def mean(values):\n    return sum(values) / 0\n');
    await writeFile(join(root, 'new file.py'), 'def half(value):\n    return value / 0\n');
    for (const name of ['ignored.py', 'private.py', 'parts/inner.py', '.env'])
      await writeFile(join(root, name), 'KEY = 1\n');
    await vscode.commands.executeCommand('qwenCoder.reviewChanges', repository);
    const review = api.assist.answers.lastText;
    const files = [...review.matchAll(/^## `(.*)`$/gm)].map(([, path]) => path);
    assert.deepEqual(files, ['mean.py', 'new file.py'], review);
    // Something is said below each heading.
    for (const part of review.split(/^## /m).slice(1)) assert.match(part, /`\n\n[\s\S]*\w{3}/);
  });

  it('review what is staged alone, where something is', async () => {
    git('add', 'mean.py');
    await vscode.commands.executeCommand('qwenCoder.reviewChanges', repository);
    const files = [...api.assist.answers.lastText.matchAll(/^## `(.*)`$/gm)].map(([, path]) => path);
    assert.deepEqual(files, ['mean.py']);
    git('reset', '--quiet');
  });

  it('write a subject line into the source-control view', async () => {
    repository.inputBox.value = '';
    await writeFile(
      join(root, 'mean.py'),
      'def mean(values):\n    if not values:\n        return 0\n    return sum(values) / len(values)\n',
    );
    const message = await vscode.commands.executeCommand<string>('qwenCoder.commitMessage', repository);
    assert.equal(repository.inputBox.value, message);
    assert.ok(message.length >= 8 && message.length <= 72, message);
    assert.ok(!message.includes('\n'));
  });
});

describe('Translate Selection', function () {
  this.timeout(240_000);
  let api: QwenCoderTestApi;
  let file: OpenDocument;

  before(async () => void (api = await activate()));
  afterEach(async () => {
    for (const preview of api.assist.previews.open) await preview.close();
    // A document of its own would ask whether it is to be saved.
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('writes code in another language as a document of its own', async () => {
    file = await OpenDocument.open('add.py', 'def add(a, b):\n    return a + b\n');
    file.editor.selection = new vscode.Selection(0, 0, 2, 0);
    await vscode.commands.executeCommand('qwenCoder.translate', 'JavaScript');
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.equal(document?.languageId, 'javascript');
    assert.ok(document.isUntitled);
    assert.match(document.getText(), /add[\s\S]*\(a, b\)[\s\S]*a \+ b/);
    assert.equal(file.text, 'def add(a, b):\n    return a + b\n');
  });

  it('writes comments in another human language as an edit, the code untouched', async () => {
    const code = '# Adds two numbers and returns the sum.\ndef add(a, b):\n    return a + b\n';
    file = await OpenDocument.open('add.py', code);
    file.editor.selection = new vscode.Selection(0, 0, 1, 0);
    void vscode.commands.executeCommand('qwenCoder.translate', 'French');
    const preview = await until(
      'an edit',
      () => api.assist.previews.open.find(({ settled }) => settled),
      ANSWER_LIMIT_MS,
      () => api.assist.answers.lastText,
    );
    assert.match(
      preview.text,
      /^# .*(?:[Aa]jout|[Aa]ddition|[Ss]omme).*\ndef add\(a, b\):\n {4}return a \+ b\n$/,
    );
    assert.equal(file.text, code);
  });
});
