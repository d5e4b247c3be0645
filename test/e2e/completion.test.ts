/** The packaged extension with the real model in a real editor: what a person types, sees and gets. */
import assert from 'node:assert/strict';
import { loggedCalls, markLog, untilLogged } from './harness/extensionLog';
import {
  cursorTo,
  ghostText,
  saveFile,
  screenshot,
  switchToFile,
  typeText,
  waitForGhost,
} from './harness/page';
import { README_FILE, README_SETTINGS, README_WINDOW } from './harness/readmeScene';
import { startSession, type Session } from './harness/session';
import { untilReady, untilStatus } from './harness/workbench';

/** Keys of a suggestion that are typed along. */
const TYPED_ALONG = 4;
/** What the body of a function that adds is. */
const SUM = 'return a + b;';

interface LanguageCase {
  readonly language: string;
  readonly file: string;
  /** Typed key by key; the editor indents and closes brackets by itself. */
  readonly typed: string;
  /** What then stands in the file before and after the cursor. */
  readonly before: string;
  readonly after: string;
  /** The lines of a right suggestion. On a slow machine only the first of them come without being asked for. */
  readonly lines: readonly RegExp[];
}

const CASES: readonly LanguageCase[] = [
  {
    language: 'Python',
    file: 'primes.py',
    typed: 'def is_prime(n):\nif n < 2:\nreturn False\n\bfor ',
    before: 'def is_prime(n):\n    if n < 2:\n        return False\n    for ',
    after: '',
    lines: [
      /^i in range\(2, (?:n|int\(n ?\*\* ?0\.5\) ?\+ ?1)\):$/,
      /^ {8}if n % i == 0:$/,
      /^ {12}return False$/,
      /^ {4}return True$/,
    ],
  },
  {
    language: 'TypeScript',
    file: 'add.ts',
    typed: 'function add(a: number, b: number): number {\n',
    before: 'function add(a: number, b: number): number {\n    ',
    after: '\n}',
    lines: [/^return a \+ b;$/],
  },
  {
    language: 'Go',
    file: 'max.go',
    typed: 'package main\n\n// Max returns the larger of two numbers.\nfunc Max(a, b int) int {\n',
    before: 'package main\n\n// Max returns the larger of two numbers.\nfunc Max(a, b int) int {\n    ',
    after: '\n}',
    lines: [/^if a > b \{$/, /^ {8}return a$/, /^ {4}\}$/, /^ {4}return b$/],
  },
];

/** Whether a suggestion is the beginning of the right one, in whole lines. */
function isRight(ghost: string, right: readonly RegExp[]): boolean {
  const lines = ghost.split('\n');
  return lines.length <= right.length && lines.every((line, index) => right[index]?.test(line));
}

/** The editor shows tabs in ghost text as so many spaces. */
const withoutTabs = (text: string): string => text.replaceAll('\t', '    ');

describe('suggestions in the editor', function () {
  this.timeout(180_000);
  let session: Session;

  const start = async (file: string): Promise<void> => {
    await switchToFile(session.page, session.workspace.path(file));
  };

  /** Has `SUM` suggested in a file. @returns reads what the extension logs from then on */
  const suggestSum = async (file: string): Promise<() => string> => {
    const { page, server } = session;
    await start(file);
    const log = markLog(server);
    await typeText(page, 'function add(a: number, b: number): number {\n');
    await waitForGhost(page, (text) => text === SUM);
    // Shown sooner than logged.
    await untilLogged(log, new RegExp(`result=suggestion.* suggestedLength=${SUM.length}$`, 'm'));
    return markLog(server);
  };

  before(async () => {
    const names = ['along.ts', 'depart.ts', 'stack.py', ...CASES.map(({ file }) => file)];
    session = await startSession({
      files: { ...Object.fromEntries(names.map((name) => [name, ''])), ...README_FILE.files },
      settings: README_SETTINGS,
    });
    await session.open(README_FILE.name);
  });

  after(async () => session?.close());

  it('come when they are asked for, also where the model has to be loaded first', async () => {
    const { page } = session;
    await page.setViewportSize(README_WINDOW);
    await page.keyboard.press('Control+b');
    await cursorTo(page, README_FILE.line, README_FILE.column);
    await page.keyboard.press('Alt+\\');
    await waitForGhost(page, (text) => README_FILE.right.test(text));
    await untilReady(page);
    await screenshot(page, 'readme');
  });

  for (const { language, file, typed, before, after, lines } of CASES) {
    it(`go on with a function in ${language}, and Tab takes them`, async () => {
      const { page, workspace } = session;
      await start(file);
      await typeText(page, typed);
      const ghost = await waitForGhost(page, (text) => isRight(text, lines));
      await screenshot(page, language.toLowerCase());
      await page.keyboard.press('Tab');
      const saved = await saveFile(page, workspace.path(file));
      assert.equal(withoutTabs(saved), before + ghost + after);
      if (language === 'Go') assert.doesNotMatch(saved, /^ /m, 'Go is indented with tabs');
    });
  }

  it('stay while they are typed along, without the engine', async () => {
    const { page } = session;
    const log = await suggestSum('along.ts');
    for (let keys = 1; keys <= TYPED_ALONG; keys++) {
      await typeText(page, SUM.charAt(keys - 1));
      await waitForGhost(page, (text) => text === SUM.slice(keys));
    }
    // The editor shows the rest before the extension has answered: the answer to the last key is what counts.
    const rest = SUM.length - TYPED_ALONG;
    const said = await untilLogged(log, new RegExp(`result=suggestion.* suggestedLength=${rest}$`, 'm'));
    const calls = loggedCalls(said);
    assert.ok(
      calls.every(({ askedEngine }) => !askedEngine),
      said,
    );
    assert.equal(calls.at(-1)?.source, 'typed-along', said);
    assert.equal(await ghostText(page), SUM.slice(TYPED_ALONG));
  });

  it('go when something else is typed, and a new one comes', async () => {
    const { page } = session;
    const log = await suggestSum('depart.ts');
    await typeText(page, 'c');
    await waitForGhost(page, (text) => !text.includes(SUM));
    await typeText(page, 'onst sum = ');
    await waitForGhost(page, (text) => text.startsWith('a + b;'));
    await untilLogged(log, /result=suggestion source=engine/);
  });

  it('that are being written are given up when something else is typed', async () => {
    const { page, server } = session;
    await start('stack.py');
    const typing = markLog(server);
    await typeText(page, 'class Stack:\n"""A stack with push, pop and peek."""\n');
    // What the typing itself has asked for has ended: the work that is waited for below is that of the key.
    await untilLogged(typing, /offset=60 trigger=automatic result=(?!cancelled|superseded)/);
    await untilReady(page);
    const log = markLog(server);
    // A whole class, written anew whatever is remembered, and without a time limit: there is time to type into it.
    await page.keyboard.press('Alt+Shift+Digit3');
    await untilStatus(page, (label) => label === 'Qwen Coder: working');
    await typeText(page, 'zeta');
    const said = await untilLogged(log, /trigger=automatic result=(?:suggestion|unsure|empty|only-repeats)/);
    const [given] = loggedCalls(said).filter(({ trigger }) => trigger === 'explicit');
    assert.ok(given !== undefined && ['superseded', 'cancelled'].includes(given.result), said);
    await untilReady(page);
  });

  it('are made on this machine: the browser asks no other', () => {
    assert.deepEqual([...session.browser.hosts], ['127.0.0.1']);
  });
});
