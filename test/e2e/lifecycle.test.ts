/** From the first load to the end of the editor: what the status bar says, and that nothing is torn down in use. */
import assert from 'node:assert/strict';
import { hostErrors, untilHostEnded } from './harness/extensionHosts';
import { markLog, untilLogged } from './harness/extensionLog';
import { ghostText, screenshot, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { makeStorage, type TestStorage } from './harness/storage';
import {
  chooseEntry,
  menuEntries,
  recordStatus,
  statusItem,
  untilReady,
  untilStatus,
} from './harness/workbench';

/** Each is typed into once: what is unsaved may come back with the window. */
const FILES = ['first.py', 'quiet.py', 'again.py', 'reloaded.py', 'later.py', 'closed.py', 'stopped.py'];

describe('the extension from start to end', function () {
  this.timeout(180_000);
  let storage: TestStorage;
  let session: Session;

  before(async () => {
    // With weights that nobody has checked yet: that takes long enough to have a percentage.
    storage = makeStorage(process.env['QWEN_CODER_TEST_MODEL']);
    session = await startSession({
      files: Object.fromEntries(FILES.map((name) => [name, ''])),
      env: { QWEN_CODER_HOME: storage.folder },
    });
    // Unsaved files are to go with the window.
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('first.py');
  });

  after(async () => {
    await session?.close();
    storage?.remove();
  });

  const suggestsIn = async (file: string): Promise<void> => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path(file));
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
  };

  /** Has the model write something long, and returns while it does. */
  const beginGeneration = async (file: string): Promise<void> => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path(file));
    await typeText(page, 'class Stack:\n"""A stack with push, pop and peek."""\n');
    await page.keyboard.press('Alt+\\');
    await untilStatus(page, (label) => label === 'Qwen Coder: working');
  };

  it('loads at the first key, says how far it is, and then suggests without another key', async () => {
    const { page } = session;
    const statuses = await recordStatus(page);
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
    // What comes after the suggestion is written ahead.
    await page.waitForTimeout(1500);
    await untilReady(page);
    const seen = await statuses();
    const percents = seen.map((label) => /checking the model file, (\d+) %$/.exec(label)?.[1]);
    const counted = percents.filter((percent) => percent !== undefined).map(Number);
    assert.ok(counted.length > 1, seen.join('\n'));
    assert.deepEqual(
      counted,
      counted.toSorted((a, b) => a - b),
    );
    assert.ok(seen.includes('Qwen Coder: loading the model'), seen.join('\n'));
    assert.equal(seen.at(-1), 'Qwen Coder: ready');
  });

  it('offers what can be done in the menu of its status bar item', async () => {
    const { page } = session;
    await statusItem(page).click();
    const entries = await menuEntries(page);
    assert.deepEqual(entries, [
      'Trigger Suggestion',
      'Why Was There No Suggestion Here?',
      'Switch Off',
      'Switch Off for python',
      'Restart Engine',
      'Models…',
      'Show Engine Status',
      'Show Completion Log',
      'Show Statistics',
      'Show Log',
      'Settings',
    ]);
    await screenshot(page, 'menu');
    await page.keyboard.press('Escape');
  });

  it('is quiet when it is switched off, and suggests again when it is switched on', async () => {
    const { page, server, workspace } = session;
    await statusItem(page).click();
    await chooseEntry(page, 'Switch Off');
    await untilStatus(page, (label) => label === 'Qwen Coder: switched off');
    await switchToFile(page, workspace.path('quiet.py'));
    const log = markLog(server);
    await typeText(page, 'def add(a, b):\nreturn ');
    await untilLogged(log, /none, paused/);
    assert.doesNotMatch(log(), /engine|source=/);
    assert.equal(await ghostText(page), '');
    await statusItem(page).click();
    await chooseEntry(page, 'Switch On');
    await untilReady(page);
    await suggestsIn('again.py');
  });

  it('survives that the window is loaded again while the model writes', async () => {
    const { page, server } = session;
    await beginGeneration('reloaded.py');
    assert.equal(await untilHostEnded(server, () => page.reload()), 'code: 0, signal: null');
    await untilStatus(page, () => true);
    await suggestsIn('later.py');
  });

  it('ends cleanly when the window is closed while the model writes', async () => {
    const { page, server } = session;
    await beginGeneration('closed.py');
    assert.equal(await untilHostEnded(server, () => page.goto('about:blank')), 'code: 0, signal: null');
    assert.deepEqual(hostErrors(server), []);
  });

  it('ends with the editor when that is stopped while the model writes', async () => {
    const { server } = session;
    await session.open('first.py');
    await beginGeneration('stopped.py');
    // Waits for all processes; one that does not end by itself is killed, and the code is another.
    await server.stop();
    assert.equal(await server.exited, 0);
  });
});
