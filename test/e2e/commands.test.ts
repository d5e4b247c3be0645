/** Commands for code as a person gives them: from the palette, seen as a diff, accepted by a key. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cursorTo, runCommand, saveFile, screenshot, switchToFile } from './harness/page';
import { startSession, type Session } from './harness/session';
import { renderedDocument, untilNotification } from './harness/workbench';

const DIFF_LIMIT_MS = 120_000;

const FILES = {
  'area.py':
    'import math\n\n\ndef area(radius):\n    if radius < 0:\n        raise ValueError("negative")\n    return math.pi * radius ** 2\n',
  'clamp.js':
    'export function clamp(value, low, high) {\n  return Math.max(low, Math.min(value, high));\n}\n',
  'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }\n',
};

/** The right side of the diff in front. */
const MODIFIED = '.monaco-diff-editor .editor.modified';

async function untilInserted(session: Session): Promise<void> {
  const { page } = session;
  await page
    .locator(`${MODIFIED} .line-insert, ${MODIFIED} .char-insert`)
    .first()
    .waitFor({ timeout: DIFF_LIMIT_MS });
}

describe('commands in the editor', function () {
  this.timeout(300_000);
  let session: Session;

  before(async () => {
    session = await startSession({ files: FILES });
    await session.open('area.py');
  });
  after(async () => session?.close());

  for (const [what, key] of [
    ['the change at the cursor', 'Alt+Backspace'],
    ['all of it', 'Control+Backspace'],
  ] as const) {
    it(`change nothing where ${what} is rejected by key`, async () => {
      const { page, workspace } = session;
      await cursorTo(page, 6, 5);
      await runCommand(page, 'Qwen Coder: Document');
      await untilInserted(session);
      const inserted = page.locator(`${MODIFIED} .view-line`, { hasText: '"""' }).first();
      await inserted.click();
      await page.keyboard.press(key);
      await page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
      assert.equal(await saveFile(page, workspace.path('area.py')), FILES['area.py']);
    });
  }

  it('document a function: a diff, then a key', async () => {
    const { page, workspace } = session;
    await cursorTo(page, 6, 5);
    await runCommand(page, 'Qwen Coder: Document');
    await untilInserted(session);
    await screenshot(page, 'command-document');
    await page.locator(MODIFIED).click();
    await page.keyboard.press('Control+Enter');
    await page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
    const saved = await saveFile(page, workspace.path('area.py'));
    assert.match(saved, /def area\(radius\):\n {4}"""[\s\S]+"""\n {4}if radius < 0:/);
  });

  it('explain it in a rendered document', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('area.py'));
    await cursorTo(page, 5, 1);
    await runCommand(page, 'Qwen Coder: Explain');
    await renderedDocument(page, /area in area\.py[\s\S]{80}/);
    await screenshot(page, 'command-explain');
  });

  it('generate tests and write them when they are accepted', async () => {
    const { page, workspace } = session;
    await runCommand(page, 'View: Close All Editors');
    await switchToFile(page, workspace.path('clamp.js'));
    await cursorTo(page, 2, 3);
    await runCommand(page, 'Qwen Coder: Generate Tests');
    await page.locator('.tab.active', { hasText: 'Tests for clamp' }).waitFor({ timeout: DIFF_LIMIT_MS });
    await untilInserted(session);
    await screenshot(page, 'command-tests');
    await page.locator('.editor-actions a[aria-label^="Run Generated Tests"]').click();
    await renderedDocument(page, /passed, \d+ failed/, DIFF_LIMIT_MS);
    await screenshot(page, 'command-tests-run');
    assert.ok(!existsSync(workspace.path('clamp.test.js')));
    await page.locator('.tab', { hasText: 'Tests for clamp' }).first().click();
    await page.locator('.editor-actions a[aria-label^="Accept All Changes"]').first().click();
    await untilNotification(page, /The tests are in clamp\.test\.js/);
    assert.ok(existsSync(workspace.path('clamp.test.js')));
  });
});

describe('commands in a workspace that is not trusted', function () {
  this.timeout(300_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: FILES,
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.startupPrompt': 'never',
        'security.workspace.trust.banner': 'never',
      },
    });
    await session.open('area.py');
  });
  after(async () => session?.close());

  it('show what they would do, and write nothing', async () => {
    const { page, workspace } = session;
    await cursorTo(page, 6, 5);
    await runCommand(page, 'Qwen Coder: Document');
    await untilInserted(session);
    await page.locator(MODIFIED).click();
    await page.keyboard.press('Control+Enter');
    await untilNotification(page, /not trusted, so Qwen Coder writes nothing/);
    await screenshot(page, 'command-untrusted');
    assert.ok(await page.locator('.monaco-diff-editor').isVisible());
    assert.equal(await saveFile(page, workspace.path('area.py')), FILES['area.py']);
  });
});
