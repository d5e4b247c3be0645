/** What a person sees of the engine and of the models, and does with them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { quickInput, screenshot, runCommand, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import {
  buttonsOf,
  chooseEntry,
  menuEntries,
  notifications,
  renderedDocument,
  statusItem,
  untilNotification,
  untilReady,
  untilRows,
} from './harness/workbench';

const LAST_MODEL_ROW = /^Choose a GGUF File…/;
const LICENCE_ROW = /^Licence: /;
/** The workbench fades its lists and dialogs in; a picture of them waits for that. In milliseconds. */
const FADE_MS = 500;

describe('the engine and its models', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: { 'add.py': '' },
      settings: { 'workbench.activityBar.location': 'hidden' },
    });
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('add.py');
  });

  after(async () => session?.close());

  it('are shown in a readable status: model, variant, threads, speeds, memory, files', async () => {
    const { page } = session;
    await page.keyboard.press('Control+b');
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
    await untilReady(page);
    await statusItem(page).click();
    await chooseEntry(page, 'Show Engine Status');
    const text = await renderedDocument(page, /Recent requests[^]*tokens\/s/);
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'engine-status');
    assert.match(text, /^Qwen Coder: engine status\s+Ready\./);
    for (const shown of [
      /name: Qwen2\.5-Coder 0\.5B \(qwen2\)/,
      /variant: (?:fast7?|exact), /,
      /threads: \d+, chosen automatically/,
      /context: 8192 tokens/,
      /loaded in: [\d.]+ m?s/,
      /of the prompts came from the cache/,
      /extension host: [\d.]+ [MG]B/,
      /weights: \/\S+\.gguf/,
    ]) {
      assert.match(text, shown);
    }
  });

  it('are followed while the status is open', async () => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Restart Engine');
    await renderedDocument(page, /engine status\s+(?:Loads|Loading|Checking)/);
    await renderedDocument(page, /engine status\s+Ready\./);
  });

  it('are listed with what is installed, what each needs and its licence', async () => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Models…');
    const [first = '', ...others] = await untilRows(page, LAST_MODEL_ROW);
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'models');
    assert.match(first, /^Qwen2\.5-Coder 0\.5B\s*installed, chosen for suggestions and chat/);
    assert.match(first, /Apache-2\.0 · 491 MB download, 1\.\d GB on disk · .* memory/);
    assert.match(others.join('\n'), /Qwen2\.5-Coder 3B\s*available.*Qwen Research License · /);
    assert.match(others.at(-1) ?? '', /^Choose a GGUF File…/);
  });

  it('offer what can be done with them', async () => {
    const { page } = session;
    await chooseEntry(page, 'Qwen2.5-Coder 0.5B');
    await untilRows(page, LICENCE_ROW);
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'model-actions');
    const [verify, deletion = '', licence] = await menuEntries(page);
    assert.deepEqual([verify, licence], ['Verify', 'Licence: Apache-2.0']);
    assert.match(deletion, /^Delete… \([\d.]+ [GM]B\)$/);
    await page.keyboard.press('Escape');
  });

  it('are not downloaded before a licence that wants agreement is agreed to', async () => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Models…');
    await untilRows(page, LAST_MODEL_ROW);
    await chooseEntry(page, 'Qwen2.5-Coder 3B');
    await chooseEntry(page, 'Download (2.1 GB)');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.locator('.monaco-button', { hasText: 'Agree and Download' }).waitFor();
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'licence');
    const text = await dialog.innerText();
    assert.match(text, /Qwen2\.5-Coder 3B is under the Qwen Research License\. Do you agree to it\?/);
    assert.match(text, /non-commercial[^]*The full text: https:\/\//);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await notifications(page, 'Downloading').count(), 0);
  });

  it('of one’s own are refused with the reason where they cannot run, before anything else happens', async () => {
    const { page, workspace } = session;
    const bytes = readFileSync('test/fixtures/tiny/tiny-tied.gguf');
    bytes.write('llama', bytes.indexOf('qwen2'));
    const path = workspace.path('other.gguf');
    writeFileSync(path, bytes);
    await runCommand(page, 'Qwen Coder: Models…');
    await untilRows(page, LAST_MODEL_ROW);
    await chooseEntry(page, 'Choose a GGUF File…');
    // In the browser the dialog is a list with a path above it.
    await untilRows(page, /^other\.gguf/);
    await quickInput(page).fill(path);
    await page.keyboard.press('Enter');
    const told = await untilNotification(page, /cannot run this model.*llama/);
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'refused-file');
    assert.deepEqual(await buttonsOf(told), ['Choose File', 'Download Model', 'Show Log']);
    await page.keyboard.press('Escape');
    // The model that was chosen before still is.
    await untilReady(page);
  });

  it('are deleted only after a question that says what it frees', async () => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Models…');
    await untilRows(page, LAST_MODEL_ROW);
    await chooseEntry(page, 'Qwen2.5-Coder 0.5B');
    await untilRows(page, LICENCE_ROW);
    const [, deletion = ''] = await menuEntries(page);
    await chooseEntry(page, deletion);
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.locator('.monaco-button', { hasText: 'Delete' }).waitFor();
    await page.waitForTimeout(FADE_MS);
    await screenshot(page, 'delete');
    assert.match(await dialog.innerText(), /Delete Qwen2\.5-Coder 0\.5B\?[^]*This frees [\d.]+ [MG]B/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await untilReady(page);
  });
});
