/** What a person is told when the extension's process ended with the engine in it, and what then helps. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertedDir } from '../../src/inference/store/paths';
import { leaveDeadMark } from '../support/deadMark';
import { waitUntil } from '../support/waitUntil';
import { screenshot, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { makeStorage, type TestStorage } from './harness/storage';
import {
  buttonsOf,
  notifications,
  pressButton,
  untilNotification,
  untilReady,
  untilStatus,
} from './harness/workbench';

const WORK_LIMIT_MS = 90_000;

describe('after an unexpected end', function () {
  this.timeout(300_000);
  let storage: TestStorage;
  let session: Session;
  let converted: string;

  before(async () => {
    storage = makeStorage(process.env['QWEN_CODER_TEST_MODEL']);
    converted = convertedDir(storage.folder);
    await leaveDeadMark(converted, { phase: 'loading', model: 'Qwen2.5-Coder 0.5B', variant: 'fast' });
    session = await startSession({
      files: { 'first.py': '', 'killed.py': '', 'later.py': '' },
      env: { QWEN_CODER_HOME: storage.folder },
    });
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('first.py');
  });

  after(async () => {
    await session?.close();
    storage?.remove();
  });

  /** What the marks on disk say of living sessions. */
  const marks = (): { readonly pid: number; readonly phase: string; readonly variant: string }[] => {
    const folder = join(converted, 'session-marks');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.map(
      (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ReturnType<typeof marks>[0],
    );
  };

  /** Kills the process whose session is running, as soon as there is one. */
  const killAtWork = (): Promise<void> =>
    waitUntil(() => {
      const mark = marks().find(({ phase }) => phase === 'running');
      if (mark !== undefined) process.kill(mark.pid, 'SIGKILL');
      return mark !== undefined;
    }, WORK_LIMIT_MS);

  it('says what was going on before anything is loaded, and loads the exact variant when that is chosen', async () => {
    const { page } = session;
    const told = await untilNotification(
      page,
      /ended unexpectedly while it was loading Qwen2\.5-Coder 0\.5B \(fast\)/,
    );
    assert.deepEqual(await buttonsOf(told), ['Use the Exact Variant', 'Models…', 'Show Log']);
    assert.deepEqual(marks(), []);
    await screenshot(page, 'unexpected-end');
    await pressButton(told, 'Use the Exact Variant');
    await untilReady(page);
    assert.deepEqual(
      marks().map(({ variant, phase }) => [variant, phase]),
      [['exact', 'idle']],
    );
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
  });

  it('says it again when the process is killed while the model writes', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('killed.py'));
    const killed = killAtWork();
    await typeText(page, 'class Stack:\n"""A stack with push, pop and peek."""\n');
    await killed;
    const told = await untilNotification(page, /while it was working with Qwen2\.5-Coder 0\.5B \(exact\)/);
    assert.deepEqual(await buttonsOf(told), ['Models…', 'Show Log']);
    await screenshot(page, 'unexpected-end-again');
  });

  it('says nothing after an end in good order', async () => {
    const { page, workspace } = session;
    await page.reload();
    await untilStatus(page, () => true);
    await switchToFile(page, workspace.path('later.py'));
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
    assert.equal(await notifications(page, /ended unexpectedly/).count(), 0);
  });
});
