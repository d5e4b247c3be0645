/** Why nothing came, what the last requests were, and what became of suggestions, as a person sees them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { FrameLocator, Page } from 'playwright-core';
import {
  cursorTo,
  quickInput,
  runCommand,
  screenshot,
  switchToFile,
  typeText,
  waitForGhost,
} from './harness/page';
import { startSession, type Session } from './harness/session';
import { askWhy, buttonsOf, pressButton, renderedDocument, untilReady } from './harness/workbench';

const NARROW = { width: 250, height: 800 };

const REASON_LIMIT_MS = 60_000;
const WRITTEN_MS = 10_000;

/** Asks why until the answer is another one than this. */
async function untilOtherReason(page: Page, former: RegExp): Promise<void> {
  const limit = Date.now() + REASON_LIMIT_MS;
  for (;;) {
    const told = await (await askWhy(page)).innerText();
    if (!former.test(told)) return;
    if (Date.now() > limit) throw new Error(`still: ${told}`);
  }
}

describe('what a person finds out about suggestions', function () {
  this.timeout(240_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: { 'notes.md': 'A note\n', 'add.py': '', 'untouched.py': 'def add(a, b):\n    return \n' },
    });
    await session.open('add.py');
  });
  after(async () => session?.close());

  it('why there was none where nothing was typed, and a button that asks', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('untouched.py'));
    await cursorTo(page, 2, 12);
    const told = await askWhy(page, /Nothing has been typed on this line/);
    assert.deepEqual(await buttonsOf(told), ['Ask Now', 'Show Completion Log']);
    await screenshot(page, 'why-untouched');
    await pressButton(told, 'Ask Now');
    assert.match(await waitForGhost(page), /^a \+ b/);
    await untilReady(page);
  });

  it('why there was none in a language that is off, and switches it on there and then', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('notes.md'));
    await typeText(page, 'about ');
    const told = await askWhy(page, /switched off for the language markdown/);
    assert.deepEqual(await buttonsOf(told), [
      'Switch On for markdown',
      'Setting: Languages',
      'Show Completion Log',
    ]);
    await screenshot(page, 'why-language');
    await pressButton(told, 'Switch On for markdown');
    // The setting is written to a file and read from there. Whatever became of the request here, or that there was
    // none: after that the language is no longer to be switched on.
    await untilOtherReason(page, /Switch On for markdown/);
  });

  it('what became of suggestions, on a page after one was accepted', async () => {
    const { page, workspace } = session;
    await page.keyboard.press('Escape');
    await runCommand(page, 'Notifications: Clear All Notifications');
    await switchToFile(page, workspace.path('add.py'));
    await typeText(page, 'def add(a, b):\nreturn ');
    await waitForGhost(page);
    await page.keyboard.press('Tab');
    await page.waitForTimeout(500);
    await runCommand(page, 'Qwen Coder: Show Statistics');
    const shown = statistics(session);
    await shown.locator('h1').waitFor();
    const summary = await shown.locator('.summary').innerText();
    assert.match(summary, /Accepted\s+1\b/);
    const row = shown
      .locator('section', { hasText: 'By language' })
      .first()
      .locator('tr', { hasText: 'python' });
    assert.match(await row.innerText(), /python/);
    await screenshot(page, 'statistics');
    // By keyboard alone.
    await shown.locator('.links a').first().focus();
    await page.keyboard.press('Tab');
    const focused = await shown.locator('a:focus').innerText();
    assert.equal(focused, 'Export Statistics…');
    assert.equal(await shown.locator('table').count(), 4);
    await page.setViewportSize(NARROW);
    await page.waitForTimeout(500);
    await screenshot(page, 'statistics-narrow');
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('writes the statistics into a file when asked to', async () => {
    const { page, workspace } = session;
    await statistics(session).locator('a', { hasText: 'Export Statistics…' }).click();
    const input = quickInput(page);
    await input.waitFor();
    const path = workspace.path('qwen-coder-statistics.json');
    // The folder is read first; a file of that name in the workspace is proposed then.
    for (let waited = 0; (await input.inputValue()) !== path && waited < WRITTEN_MS; waited += 100) {
      await page.waitForTimeout(100);
    }
    assert.equal(await input.inputValue(), path);
    await page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
    for (let waited = 0; !existsSync(path) && waited < WRITTEN_MS; waited += 100)
      await page.waitForTimeout(100);
    const text = readFileSync(path, 'utf8');
    JSON.parse(text);
    assert.match(text, /"accepted":\s*1\b/);
    assert.match(text, /python/);
    assert.doesNotMatch(text, /add\.py|def add/);
  });

  it('forgets the statistics when asked to, after asking', async () => {
    const { page } = session;
    await statistics(session).locator('a', { hasText: 'Reset Statistics…' }).click();
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /Forget all statistics/);
    await dialog.locator('.monaco-button', { hasText: 'Reset' }).click();
    await statistics(session).locator('p', { hasText: 'No suggestion has been given yet' }).waitFor();
  });

  it('what the last requests were', async () => {
    const { page } = session;
    await page.locator('.tab.active').click();
    await runCommand(page, 'View: Close Editor');
    await runCommand(page, 'Qwen Coder: Show Completion Log');
    const text = await renderedDocument(page, /before the cursor/);
    assert.match(text, /add\.py:2:12/);
    assert.match(text, /suggestion of \d+ units from engine/);
    await screenshot(page, 'completion-log');
  });
});

const statistics = ({ page }: Session): FrameLocator =>
  page.frameLocator('iframe.webview.ready').first().frameLocator('iframe#active-frame');
