/** Another extension suggests code too: a person is told once, and can have one of the two. */
import assert from 'node:assert/strict';
import { makeOtherExtension, OTHER_TEXT, type OtherExtension } from './harness/otherExtension';
import { screenshot, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import {
  buttonsOf,
  chooseEntry,
  notifications,
  pressButton,
  statusItem,
  untilNotification,
  untilStatus,
} from './harness/workbench';

/** Others are looked for some seconds after the start. */
const LOOKED_MS = 20_000;
const MESSAGE = /llama\.vscode may suggest code here too/;

describe('another extension that suggests code', function () {
  this.timeout(180_000);
  let other: OtherExtension;
  let session: Session;

  before(async () => {
    other = await makeOtherExtension('ggml-org.llama-vscode');
    session = await startSession({ files: { 'add.py': '' }, others: [other.vsix] });
    // Unsaved text may go with the window.
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('add.py');
  });
  after(async () => {
    await session?.close();
    other?.remove();
  });

  it('is named, with ways to have one of the two', async () => {
    const { page } = session;
    const told = await untilNotification(page, MESSAGE);
    assert.deepEqual(await buttonsOf(told), [
      'Keep Both',
      'Switch Off Qwen Coder',
      'Settings of llama.vscode',
    ]);
    await screenshot(page, 'other-extension');
    await pressButton(told, 'Switch Off Qwen Coder');
    await untilStatus(page, (label) => label === 'Qwen Coder: switched off');
  });

  it('has the editor to itself then', async () => {
    const { page } = session;
    await page.click('.editor-instance .view-lines');
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.equal(await waitForGhost(page), OTHER_TEXT);
  });

  it('is named once: not again when both are there, after the window is loaded anew', async () => {
    const { page } = session;
    await statusItem(page).click();
    await chooseEntry(page, 'Switch On');
    await untilStatus(page, (label) => label !== 'Qwen Coder: switched off');
    await session.open('add.py');
    await page.waitForTimeout(LOOKED_MS);
    assert.equal(await notifications(page, MESSAGE).count(), 0);
  });
});
