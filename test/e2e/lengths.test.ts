/** How much is suggested and taken, and what else could be there: by key, in three languages, with the real model. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { cursorTo, ghostText, saveFile, screenshot, switchToFile, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { untilReady } from './harness/workbench';

interface LanguageCase {
  readonly language: string;
  readonly file: string;
  readonly text: string;
  /** Where the suggestions are asked for, from 1; at the end of that line. */
  readonly line: number;
}

const RULE = 'A for 90 and more, B for 80 and more, C for 70 and more, else F.';
const CASES: readonly LanguageCase[] = [
  {
    language: 'Python',
    file: 'grade.py',
    text: `def grade(score):\n    """${RULE}"""\n    \n`,
    line: 3,
  },
  {
    language: 'TypeScript',
    file: 'grade.ts',
    text: `/** ${RULE} */\nexport function grade(score: number): string {\n  \n}\n`,
    line: 3,
  },
  {
    language: 'Go',
    file: 'grade.go',
    text: `package marks\n\n// Grade is ${RULE}\nfunc Grade(score int) string {\n\t\n}\n`,
    line: 5,
  },
];

/** Lines of one ghost text are drawn within so many milliseconds. */
const DRAWN_MS = 400;
const KEYS = {
  ask: 'Alt+\\',
  line: 'Alt+Shift+Digit1',
  block: 'Alt+Shift+Digit2',
  more: 'Alt+Shift+Digit3',
} as const;

const ALTERNATIVES_LIMIT_MS = 30_000;

/** Asks by a key where nothing is shown. @returns what is shown then, once all its lines are drawn */
async function askedFor(page: Page, key: string): Promise<string> {
  await page.keyboard.press('Escape');
  await waitForGhost(page, (text) => text === '');
  await page.keyboard.press(key);
  for (let last = await waitForGhost(page); ;) {
    await page.waitForTimeout(DRAWN_MS);
    const text = await ghostText(page);
    if (text === last) return text;
    last = text;
  }
}

/** Goes to the next suggestion until that is another one: they are written while the first is shown. */
async function untilOther(page: Page, first: string): Promise<string> {
  const limit = Date.now() + ALTERNATIVES_LIMIT_MS;
  for (;;) {
    await page.keyboard.press('Alt+]');
    await page.waitForTimeout(DRAWN_MS);
    const text = await ghostText(page);
    if (text !== '' && text !== first) return text;
    if (Date.now() > limit) throw new Error(`no other suggestion; shown: ${JSON.stringify(text)}`);
  }
}

describe('how much is suggested', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: Object.fromEntries(CASES.map(({ file, text }) => [file, text])),
      settings: { 'editor.autoIndent': 'none', 'qwenCoder.suggestAhead': false },
    });
    await session.open(CASES[0]?.file ?? assert.fail());
  });
  after(async () => session?.close());

  for (const { language, file, text, line } of CASES) {
    const toPlace = async (): Promise<string> => {
      const { page, workspace } = session;
      const path = workspace.path(file);
      await switchToFile(page, path);
      await cursorTo(page, line, 1);
      await page.keyboard.press('End');
      return path;
    };

    it(`is a line, a block or more by its key, in ${language}`, async () => {
      const { page } = session;
      await toPlace();
      const one = await askedFor(page, KEYS.line);
      assert.match(one, /^[^\n]*\S$/);
      const block = await askedFor(page, KEYS.block);
      await screenshot(page, `block-${language.toLowerCase()}`);
      assert.ok(block.startsWith(`${one}\n`), JSON.stringify({ one, block }));
      const more = await askedFor(page, KEYS.more);
      assert.ok(more.startsWith(one) && more.length >= block.length, JSON.stringify({ block, more }));
      await page.keyboard.press('Escape');
    });

    it(`is taken by the word, the line or whole, and undone exactly, in ${language}`, async () => {
      const { page } = session;
      const path = await toPlace();
      const block = await askedFor(page, KEYS.block);
      const [first = ''] = block.split('\n');

      await page.keyboard.press('Control+ArrowRight');
      const afterWord = await waitForGhost(page, (shown) => shown !== '' && shown !== block);
      assert.ok(block.endsWith(afterWord), JSON.stringify({ block, afterWord }));
      await page.keyboard.press('Alt+Enter');
      await waitForGhost(page, (shown) => !shown.includes(first.slice(-8)));
      await page.keyboard.press('Escape');
      const lineTaken = await saveFile(page, path);
      assert.equal(lineTaken.split('\n')[line - 1]?.trim(), first.trim());
      await untilUndone(page, path, text);

      const again = await askedFor(page, KEYS.block);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Escape');
      const taken = await saveFile(page, path);
      assert.equal(taken.split('\n').length, text.split('\n').length + again.split('\n').length - 1, taken);
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Escape');
      assert.equal(await saveFile(page, path), text, 'one step');
    });

    it(`has others when one asks once more, and the editor's own keys go to them, in ${language}`, async () => {
      const { page } = session;
      await toPlace();
      const first = await askedFor(page, KEYS.ask);
      await page.keyboard.press(KEYS.ask);
      const second = await untilOther(page, first);
      await screenshot(page, `other-${language.toLowerCase()}`);
      assert.match(second, /^[^\n]*\S/);
      await page.keyboard.press('Alt+[');
      await waitForGhost(page, (shown) => shown !== '' && shown !== second);
      await page.keyboard.press('Escape');
      await waitForGhost(page, (shown) => shown === '');
      await untilReady(page);
    });
  }

  /** A word and a line were two steps or more; the editor may have made one of some. */
  async function untilUndone(page: Page, path: string, text: string): Promise<void> {
    const STEPS = 6;
    for (let steps = 0; steps < STEPS; steps++) {
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Escape');
      if ((await saveFile(page, path)) === text) return;
    }
    assert.fail(`not undone in ${STEPS} steps`);
  }
});
