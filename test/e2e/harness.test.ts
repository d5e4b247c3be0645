import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  makeWorkspace,
  openBrowser,
  openFile,
  startEditorServer,
  type Browser,
  type EditorServer,
  type Workspace,
} from './harness/editor';
import { cursorTo, runCommand, saveFile, screenshot, statusBarText, typeText } from './harness/page';

describe('the editor in the browser, without the extension', function () {
  this.timeout(120_000);
  let workspace: Workspace;
  let server: EditorServer;
  let browser: Browser;

  before(async () => {
    workspace = makeWorkspace({ 'notes.txt': 'first line\nsecond line\n' });
    server = await startEditorServer();
    browser = await openBrowser();
    await openFile(browser.page, server, workspace, 'notes.txt');
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    workspace?.remove();
  });

  it('writes what is typed to disk when the file is saved', async () => {
    const { page } = browser;
    await typeText(page, 'third line');
    assert.equal(await saveFile(page, workspace.path('notes.txt')), 'first line\nsecond line\nthird line');
  });

  it('types at the line and column where the cursor was put', async () => {
    const { page } = browser;
    await cursorTo(page, 2, 7);
    assert.equal(await statusBarText(page, 'status.editor.selection'), 'Ln 2, Col 7');
    await typeText(page, ', middle');
    assert.equal(
      await saveFile(page, workspace.path('notes.txt')),
      'first line\nsecond, middle line\nthird line',
    );
  });

  it('runs a command of the palette', async () => {
    const { page } = browser;
    await cursorTo(page, 1, 1);
    await runCommand(page, 'Delete Line');
    assert.equal(await saveFile(page, workspace.path('notes.txt')), 'second, middle line\nthird line');
    await screenshot(page, 'harness');
  });

  it('asks no host but this machine', () => {
    assert.deepEqual([...browser.hosts], ['127.0.0.1']);
  });

  it('leaves nothing behind when the server is stopped', async () => {
    const { dataFolder } = server;
    assert.ok(existsSync(dataFolder));
    await server.stop();
    assert.ok(!existsSync(dataFolder));
    await assert.rejects(fetch(`${server.baseUrl}/healthz`));
  });
});
