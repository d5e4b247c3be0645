/** What a person sees when the model is missing, is being fetched, or is not what it should be; and the way out. */
import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { DEFAULT_MODEL } from '../../src/inference/store/catalogue';
import { markLog, untilLogged } from './harness/extensionLog';
import { startModelServer, type ModelServer } from './harness/modelServer';
import { runCommand, screenshot, statusBarText, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { flipBit, makeStorage, type TestStorage } from './harness/storage';
import {
  buttonsOf,
  chooseEntry,
  menuEntries,
  notifications,
  pressButton,
  statusItem,
  statusLabel,
  untilNotification,
  untilReady,
  untilRows,
  untilStatus,
} from './harness/workbench';

const QUESTION = /Download Qwen2\.5-Coder 0\.5B \(491 MB, Apache-2\.0\)\?/;
/** The editor shows a question for some ten seconds. */
const TOAST_LIMIT_MS = 60_000;
/** Whether the status says so within some seconds. */
async function statusBegins(page: Page, beginning: string): Promise<boolean> {
  for (const limit = Date.now() + 5000; Date.now() < limit; await page.waitForTimeout(100))
    if ((await statusLabel(page)).startsWith(beginning)) return true;
  return false;
}
const MODEL_NEEDED = 'Qwen Coder: model needed';

describe('a model that is not there or not right', function () {
  this.timeout(180_000);
  let storage: TestStorage;
  let hub: ModelServer;
  let session: Session;

  before(async () => {
    storage = makeStorage();
    const weights = process.env['QWEN_CODER_TEST_MODEL'];
    assert.ok(weights !== undefined, 'QWEN_CODER_TEST_MODEL is not set: run npm run test:e2e');
    hub = await startModelServer(weights);
    session = await startSession({
      files: { 'typed.py': '', 'fetched.py': '', 'damaged.py': '', 'short.py': '' },
      settings: { 'qwenCoder.hubEndpoint': hub.endpoint },
      env: { QWEN_CODER_HOME: storage.folder },
    });
    await session.open('typed.py');
  });

  after(async () => {
    await session?.close();
    await hub?.close();
    storage?.remove();
  });

  /** Takes the offer to download, and then gets a suggestion; nothing is complained of any more. */
  const wayOut = async (told: Locator, file: string): Promise<void> => {
    const { page, workspace } = session;
    await pressButton(told, 'Download Model');
    await untilReady(page);
    assert.equal(statSync(storage.weights).size, DEFAULT_MODEL.bytes);
    assert.equal(await notifications(page).count(), 0);
    await switchToFile(page, workspace.path(file));
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
  };

  it('missing: one question, with size and licence, however much is typed', async () => {
    const { page, server } = session;
    const question = await untilNotification(page, QUESTION);
    assert.deepEqual(await buttonsOf(question), ['Download', 'Choose File', 'Not Now']);
    await screenshot(page, 'question');
    const log = markLog(server);
    await typeText(page, 'def add(a, b):\nreturn ');
    await untilLogged(log, /none, engine-not-ready/);
    assert.equal(await notifications(page).count(), 1);
    await pressButton(question, 'Not Now');
    const later = markLog(server);
    await typeText(page, 'a ');
    await untilLogged(later, /none, engine-not-ready/);
    assert.equal(await notifications(page).count(), 0);
    assert.equal(hub.asked.length, 0, 'nothing is fetched without a yes');
  });

  it('missing: the status bar says so and leads to the question', async () => {
    const { page } = session;
    assert.equal(await statusBarText(page, 'qwenCoder.status'), 'Qwen: model needed');
    assert.equal(await statusLabel(page), MODEL_NEEDED);
    await statusItem(page).click();
    // After some seconds the editor takes the question out of the way, unanswered.
    const question = await untilNotification(page, QUESTION);
    await question.waitFor({ state: 'detached', timeout: TOAST_LIMIT_MS });
    await statusItem(page).click();
    await untilNotification(page, QUESTION);
    await screenshot(page, 'question-again');
  });

  it('a download that is cancelled leaves its part for the next one, and nothing under the final name', async () => {
    const { page } = session;
    hub.mode = 'slow';
    // The question in view may be taken out of the way in the moment of the click.
    await runCommand(page, 'Notifications: Clear All Notifications');
    await notifications(page, QUESTION).waitFor({ state: 'detached' });
    // A click in the moment in which the editor moves the question goes nowhere.
    for (let tries = 1; tries <= 3 && !(await statusBegins(page, 'Qwen Coder: downloading')); tries++) {
      await statusItem(page).click();
      await pressButton(await untilNotification(page, QUESTION), 'Download');
    }
    const progress = await untilNotification(page, /Downloading Qwen2\.5-Coder 0\.5B.*[1-9]\d* of 491 MB/);
    await untilStatus(page, (label) => /^Qwen Coder: downloading the model, [1-9]\d* %$/.test(label));
    await screenshot(page, 'download');
    const { file } = DEFAULT_MODEL.hub;
    assert.ok(storage.modelFiles().includes(`${file}.part`));
    await pressButton(progress, 'Cancel');
    await untilStatus(page, (label) => label === MODEL_NEEDED);
    assert.deepEqual(storage.modelFiles().sort(), [`${file}.part`, `${file}.part.json`]);
    assert.equal(await notifications(page).count(), 0);
  });

  const openModel = async (row: RegExp): Promise<void> => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Models…');
    await untilRows(page, row);
    await chooseEntry(page, DEFAULT_MODEL.name);
  };

  it('the list of models shows what has arrived, goes on with it, and cancels again', async () => {
    const { page } = session;
    await openModel(/^Qwen2\.5-Coder 0\.5B ?\d+ [kM]B of 491 MB downloaded, chosen for suggestions/);
    await chooseEntry(page, 'Resume Download');
    await untilStatus(page, (label) => /^Qwen Coder: downloading the model, \d+ %$/.test(label));
    await openModel(/^Qwen2\.5-Coder 0\.5B ?downloading, \d+ %/);
    await chooseEntry(page, 'Cancel Download');
    await untilStatus(page, (label) => label === MODEL_NEEDED);
    assert.equal(await notifications(page).count(), 0);
    const { file } = DEFAULT_MODEL.hub;
    assert.deepEqual(storage.modelFiles().sort(), [`${file}.part`, `${file}.part.json`]);
  });

  it('a download that is not the published file is refused, and a right one works', async () => {
    const { page } = session;
    hub.mode = 'damaged';
    await runCommand(page, 'Qwen Coder: Download Model');
    const refusal = await untilNotification(page, /not the published one.*SHA-256.*nothing was kept/);
    assert.deepEqual(storage.modelFiles(), []);
    await screenshot(page, 'refused');
    hub.mode = 'right';
    await wayOut(refusal, 'fetched.py');
  });

  it('one bit changed in the installed file: it is not used, and another download helps', async () => {
    const { page } = session;
    flipBit(storage.weights, DEFAULT_MODEL.bytes - 1000);
    await runCommand(page, 'Qwen Coder: Restart Engine');
    const told = await untilNotification(page, /not the published one, so it is not used.*is damaged/);
    assert.equal(await statusLabel(page), 'Qwen Coder: not working');
    await screenshot(page, 'damaged');
    await statusItem(page).click();
    const [first] = await menuEntries(page);
    assert.match(first ?? '', /Download Model$/);
    await page.keyboard.press('Escape');
    await wayOut(told, 'damaged.py');
  });

  it('the end of the installed file lost: it is not used, and another download helps', async () => {
    const { page } = session;
    truncateSync(storage.weights, DEFAULT_MODEL.bytes / 2);
    await runCommand(page, 'Qwen Coder: Restart Engine');
    await wayOut(await untilNotification(page, /file is incomplete.*download interrupted/), 'short.py');
  });

  it('a model that is deleted in the list is gone from the disk, and the status bar says so', async () => {
    const { page } = session;
    await openModel(/^Qwen2\.5-Coder 0\.5B ?installed, chosen for suggestions/);
    await untilRows(page, /^Delete…/);
    const deletion = (await menuEntries(page)).find((entry) => entry.startsWith('Delete…'));
    await chooseEntry(page, deletion ?? '');
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Delete' }).click();
    await untilNotification(page, /Qwen2\.5-Coder 0\.5B is deleted; [\d.]+ [MG]B are free again/);
    assert.deepEqual(storage.modelFiles(), []);
    await untilStatus(page, (label) => label === MODEL_NEEDED);
  });

  it('asks no host but this machine', () => {
    assert.deepEqual([...session.browser.hosts], ['127.0.0.1']);
  });
});
