/** What prompts show of other files, in the real extension host, with the real model. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PromptContext } from '../../src/completion/context/contextKeeper';
import { WorkspaceIndex } from '../../src/extension/chat/workspaceIndex';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { IgnoredFiles } from '../../src/extension/ignoredFiles';
import { activate, set, sleep, until } from './support';

const MARK = 'SECRET_MARK';
const ALL_ON = {
  path: true,
  imports: true,
  signature: true,
  open: true,
  visited: true,
  changed: true,
  'recent-edit': true,
  diagnostic: true,
};
const FILES: Readonly<Record<string, string>> = {
  'billing.py':
    'TAX = 0.2\n\n\ndef send_invoice(customer, amount, *, due_in_days=30):\n    """Sends an invoice."""\n    total = amount * (1 + TAX)\n    return customer, total, due_in_days\n\n\ndef cancel_invoice(invoice_id):\n    return invoice_id\n',
  'main.py':
    'from billing import send_invoice\n\n\ndef bill(customer, amount):\n    invoice = send_invoice(\n',
  'ignored.py': `from billing import send_invoice\n\n\ndef bill(customer, amount):\n    invoice = send_invoice("${MARK}")\n`,
  'private.py': `def bill(customer, amount):\n    invoice = send_invoice(customer, amount, "${MARK}")\n`,
  '.env': `customer=${MARK}\namount=1\ninvoice=2\nsend_invoice=3\nbill=4\n`,
  'secrets.py': `def bill(customer, amount):\n    invoice = send_invoice(customer, amount, "${MARK}")\n`,
  'bill.ts': `import { sendInvoice } from './invoice';\n\nexport function bill(customer: string): void {\n  sendInvoice(\n}\n`,
  'invoice.ts':
    'export interface InvoiceOptions {\n  dueInDays: number;\n}\n\nexport function sendInvoice(customer: string, options: InvoiceOptions): string {\n  return customer + options.dueInDays;\n}\n',
  '.gitignore': 'ignored.py\n',
  '.qwenignore': 'private.py\n',
};

/** A context as text, special tokens in angle brackets. */
const spelled = (context: PromptContext | undefined): string =>
  (context?.parts ?? []).map((part) => ('text' in part ? part.text : `<${part.special}>`)).join('');

describe('context', function () {
  this.timeout(180_000);
  let api: QwenCoderTestApi;
  let root: string;
  const path = (name: string): string => join(root, name);
  const open = async (name: string, line?: number): Promise<vscode.TextEditor> => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(path(name)), { preview: false });
    const { document } = editor;
    const end =
      line === undefined
        ? document.lineAt(document.lineCount - 1).range.end
        : document.lineAt(line).range.end;
    editor.selection = new vscode.Selection(end, end);
    return editor;
  };
  /** What stands before the window in the prompts of the active document. */
  const prompt = ({ document, selection }: vscode.TextEditor): string =>
    spelled(api.context.promptAt(document, document.offsetAt(selection.active), 4000));
  const untilPrompt = (editor: vscode.TextEditor, accept: (text: string) => boolean): Promise<string> =>
    until(
      'such a prompt',
      () => (accept(prompt(editor)) ? prompt(editor) : undefined),
      15_000,
      () => prompt(editor),
    );

  before(async () => {
    api = await activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    root = join(folder.uri.fsPath, 'shop');
    await mkdir(root);
    for (const [name, text] of Object.entries(FILES)) await writeFile(path(name), text);
    await set('contextSources', ALL_ON);
    await api.context.refresh();
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await set('contextSources', undefined);
    await rm(root, { recursive: true, force: true });
  });

  it('has the declaration behind an import, in Qwen’s form, without its body, and the request has it too', async () => {
    const editor = await open('main.py', 4);
    const text = await untilPrompt(editor, (shown) => shown.includes('send_invoice'));
    assert.match(
      text,
      /^<repo_name>[^\n]+\n<file_sep>shop\/billing\.py\ndef send_invoice\(customer, amount, \*, due_in_days=30\): \.\.\.\n/,
    );
    assert.ok(text.endsWith('<file_sep>shop/main.py\n'), text);
    assert.doesNotMatch(text, /total = amount|cancel_invoice/);
    const before = api.lastOutcome();
    await vscode.commands.executeCommand('qwenCoder.trigger');
    const outcome = await until(
      'an outcome',
      () => (api.lastOutcome() === before ? undefined : api.lastOutcome()),
      90_000,
    );
    assert.equal(outcome.kind, 'suggestion', JSON.stringify(outcome));
    assert.equal(spelled(api.context.lastGiven), text);
  });

  it('asks the language’s support where there is one', async () => {
    const editor = await open('bill.ts', 3);
    const text = await untilPrompt(editor, (shown) => shown.includes('sendInvoice'));
    assert.match(
      text,
      /shop\/invoice\.ts\nexport function sendInvoice\(customer: string, options: InvoiceOptions\): string;/,
    );
  });

  it('never shows ignored files and secrets', async () => {
    for (const name of ['ignored.py', 'private.py', '.env', 'secrets.py', 'billing.py']) await open(name);
    const editor = await open('main.py', 4);
    await api.context.refresh();
    const text = await untilPrompt(editor, (shown) => shown.includes('billing.py'));
    assert.doesNotMatch(text, new RegExp(MARK));
    for (const { chunk } of api.context.chunks(editor.document)) {
      assert.doesNotMatch(chunk.path, /ignored|private|env|secrets/);
    }
  });

  it('shows what was edited elsewhere as it reads now, and nothing new while one types', async () => {
    const other = await open('billing.py');
    await vscode.commands.executeCommand('type', { text: '\n\ndef refund_invoice(invoice_id, reason):\n' });
    const editor = await open('main.py', 4);
    const text = await untilPrompt(editor, (shown) => shown.includes('refund_invoice'));
    for (const key of 'customer, amo') {
      await vscode.commands.executeCommand('type', { text: key });
      assert.equal(prompt(editor), text);
    }
    await vscode.window.showTextDocument(other.document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.window.showTextDocument(editor.document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('hears a change of .qwenignore, also for the document itself', async () => {
    const editor = await open('main.py', 4);
    await untilPrompt(editor, (shown) => shown.includes('billing.py'));
    await writeFile(path('.qwenignore'), 'private.py\nbilling.py\n');
    await untilPrompt(editor, (shown) => shown !== '' && !shown.includes('billing.py'));
    const silent = async (): Promise<boolean> => {
      const before = api.lastOutcome();
      await vscode.commands.executeCommand('qwenCoder.trigger');
      await sleep(1500);
      return api.lastOutcome() === before;
    };
    const ignored = await open('private.py');
    assert.ok(await silent(), 'a suggestion in a file that .qwenignore names');
    assert.equal(prompt(ignored), '');
    await writeFile(path('.qwenignore'), 'other.py\n');
    const shown = await open('main.py', 4);
    await untilPrompt(shown, (text) => text.includes('billing.py'));
    await open('private.py');
    assert.ok(!(await silent()), 'no suggestion though .qwenignore does not name the file any more');
  });

  it('keeps to the same rules in @workspace', async () => {
    await writeFile(path('.qwenignore'), 'private.py\n');
    const ignored = new IgnoredFiles();
    const index = new WorkspaceIndex(ignored);
    try {
      const find = () => index.find(`bill customer amount ${MARK}`);
      const found = await find();
      assert.ok(found.some((item) => item.path === 'shop/billing.py'));
      for (const { text } of found) assert.doesNotMatch(text, new RegExp(MARK));
      await writeFile(path('.qwenignore'), 'private.py\nbilling.py\n');
      let paths: readonly (string | undefined)[] = [];
      const untilFound = (wanted: boolean) =>
        until(
          'other files',
          () => {
            void find().then((items) => (paths = items.map((item) => item.path)));
            return paths.length > 0 && paths.includes('shop/billing.py') === wanted ? true : undefined;
          },
          15_000,
          () => paths,
        );
      await untilFound(false);
      await writeFile(path('.qwenignore'), 'private.py\n');
      await untilFound(true);
    } finally {
      index.dispose();
      ignored.dispose();
    }
  });

  it('goes with its switch', async () => {
    const editor = await open('main.py', 4);
    await untilPrompt(editor, (shown) => shown.includes('billing.py'));
    await set('contextSources', {
      ...ALL_ON,
      imports: false,
      open: false,
      visited: false,
      changed: false,
      'recent-edit': false,
    });
    await untilPrompt(editor, (shown) => shown !== '' && !shown.includes('billing.py'));
    await set('maxContextTokens', 0);
    await untilPrompt(editor, (shown) => shown === '');
    await set('maxContextTokens', undefined);
    await set('contextSources', ALL_ON);
  });
});
