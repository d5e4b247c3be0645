/** What has been suggested once is used again: typed along, taken back, undone, and written ahead, in three languages. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { loggedCalls, markLog, untilLogged } from './harness/extensionLog';
import { saveFile, screenshot, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { untilReady } from './harness/workbench';

interface LanguageCase {
  readonly language: string;
  /** Ends with half a line; what is suggested for its rest calls something, with arguments. */
  readonly call: { readonly file: string; readonly text: string };
  /** What is suggested for the rest of it has an inner block. */
  readonly block: { readonly file: string; readonly text: string };
  /** Lines like the last one follow. */
  readonly lines: { readonly file: string; readonly text: string };
}

const CASES: readonly LanguageCase[] = [
  {
    language: 'Python',
    call: {
      file: 'largest.py',
      text: 'def largest(numbers):\n    """The largest number, 0 where there is none."""\n    return ',
    },
    block: {
      file: 'names.py',
      text: 'def print_names(names):\n    """Print each name on a line of its own."""\n    ',
    },
    lines: {
      file: 'box.py',
      text: 'class Box:\n    def __init__(self, width, height, depth, weight):\n        self.width = width\n        self.height = ',
    },
  },
  {
    language: 'TypeScript',
    call: {
      file: 'largest.ts',
      text: '/** The largest number. */\nexport function largest(numbers: number[]): number {\n  return ',
    },
    block: {
      file: 'names.ts',
      text: '/** Prints each number on a line of its own. */\nexport function printNumbers(numbers: number[]): void {\n  for (const number of numbers) {\n    console.log(number);\n  }\n}\n\n/** Prints each name on a line of its own. */\nexport function printNames(names: string[]): void {\n  ',
    },
    lines: {
      file: 'box.ts',
      text: 'export class Box {\n  constructor(width: number, height: number, depth: number, weight: number) {\n    this.width = width;\n    this.height = ',
    },
  },
  {
    language: 'Go',
    call: {
      file: 'greet.go',
      text: 'package main\n\nimport "fmt"\n\n// Greet prints a greeting.\nfunc Greet(name string) {\n\t',
    },
    block: {
      file: 'names.go',
      text: 'package main\n\nimport "fmt"\n\n// PrintNumbers prints each number on a line of its own.\nfunc PrintNumbers(numbers []int) {\n\tfor _, number := range numbers {\n\t\tfmt.Println(number)\n\t}\n}\n\n// PrintNames prints each name on a line of its own.\nfunc PrintNames(names []string) {\n\t',
    },
    lines: {
      file: 'box.go',
      text: 'package main\n\nfunc NewBox(width, height, depth, weight int) *Box {\n\tbox := &Box{}\n\tbox.width = width\n\tbox.height = ',
    },
  },
];

/** Taken back key by key; what is left is less than half a word. */
const TAKEN_BACK = 3;
/** Undoing takes back what was typed in a few steps. */
const UNDO_STEPS = 6;
/** The next suggestion is written while one is read, in this time at the latest. */
const READ_MS = 4000;

describe('suggestions that are used again', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    const files = CASES.flatMap(({ call, block, lines }) => [call, block, lines]);
    session = await startSession({
      files: Object.fromEntries(files.map(({ file, text }) => [file, text])),
    });
    await session.open('largest.py');
    await typeText(session.page, ' \b');
    await untilReady(session.page);
  });
  after(async () => session?.close());

  /** Opens a file and asks at its end. @returns what is shown, and reads what is logged from then on */
  const asked = async (file: string, key: string): Promise<{ shown: string; log: () => string }> => {
    const { page, server, workspace } = session;
    await switchToFile(page, workspace.path(file));
    const before = markLog(server);
    await page.keyboard.press(key);
    await untilLogged(before, /\(explicit, \w+\): suggestion/);
    const shown = await steadyGhost(page);
    return { shown, log: markLog(server) };
  };

  /** Shown sooner than logged. */
  const noEngine = async (log: () => string): Promise<void> => {
    const said = await untilLogged(log, /: suggestion of/);
    assert.ok(
      loggedCalls(said).every(({ askedEngine }) => !askedEngine),
      said,
    );
  };

  for (const { language, call, block, lines } of CASES) {
    it(`stay across brackets that the editor closes, Backspace and undo, without the engine, in ${language}`, async () => {
      const { page, workspace } = session;
      const path = workspace.path(call.file);
      const { shown, log } = await asked(call.file, 'Alt+Shift+Digit1');
      const open = shown.indexOf('(');
      assert.ok(open >= TAKEN_BACK, shown);
      for (let keys = 1; keys <= open; keys++) {
        await typeText(page, shown.charAt(keys - 1));
        await waitForGhost(page, (text) => text === shown.slice(keys));
      }
      await typeText(page, '(');
      // The closing bracket stands in the document already.
      const inside = await waitForGhost(page, (text) => text !== '' && text.length < shown.length - open);
      assert.equal(withoutClosers(inside), withoutClosers(shown.slice(open + 1)));
      await screenshot(page, `reuse-bracket-${language.toLowerCase()}`);

      for (let keys = 0; keys <= TAKEN_BACK; keys++) await page.keyboard.press('Backspace');
      await waitForGhost(page, (text) => text === shown.slice(open - TAKEN_BACK));
      for (let step = 0; (await saveFile(page, path)) !== call.text; step++) {
        assert.ok(step < UNDO_STEPS, 'not undone');
        await page.keyboard.press('Control+z');
      }
      await waitForGhost(page, (text) => text === shown);
      await noEngine(log);
      await page.keyboard.press('Escape');
    });

    it(`go on behind a line that was typed, indented by the editor, in ${language}`, async () => {
      const { page } = session;
      const { shown, log } = await asked(block.file, 'Alt+Shift+Digit2');
      const [head = '', ...body] = shown.split('\n');
      assert.ok(body.length > 0, shown);
      await typeText(page, head);
      await page.keyboard.press('Enter');
      const rest = await waitForGhost(
        page,
        (text) => body.join('\n').trimStart().startsWith(text) && text !== '',
      );
      assert.equal(rest.split('\n')[0], body[0]?.trimStart());
      await noEngine(log);
      await screenshot(page, `reuse-block-${language.toLowerCase()}`);
      await page.keyboard.press('Escape');
    });

    it(`are followed by the next, which is there already, in ${language}`, async () => {
      const { page, server } = session;
      const { shown } = await asked(lines.file, 'Alt+\\');
      assert.match(shown, /^height/);
      await page.waitForTimeout(READ_MS);
      const log = markLog(server);
      await page.keyboard.press('Tab');
      const next = await waitForGhost(page);
      assert.match(next, /\bdepth\b/);
      await noEngine(log);
    });
  }
});

/** The closing bracket may be one that stands in the document, in the midst of the ghost text. */
const withoutClosers = (text: string): string => text.replaceAll(')', '');

/** What is shown, once all of its lines are drawn. */
async function steadyGhost(page: Page): Promise<string> {
  for (let last = await waitForGhost(page); ;) {
    await page.waitForTimeout(400);
    const text = await waitForGhost(page);
    if (text === last) return text;
    last = text;
  }
}
