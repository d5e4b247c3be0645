/** Where nothing is suggested by itself, and what a person is told of it, with the thresholds that are shipped. */
import assert from 'node:assert/strict';
import { markLog, untilLogged } from './harness/extensionLog';
import {
  cursorTo,
  ghostText,
  runCommand,
  screenshot,
  switchToFile,
  typeText,
  waitForGhost,
} from './harness/page';
import { startSession, type Session } from './harness/session';
import { askWhy, buttonsOf, pressButton, untilNotification, untilReady } from './harness/workbench';

/** Slowly: whether the cursor is in a comment is known after a fraction of a second. */
const KEY_MS = 150;
const TYPED = 'area ';

interface Place {
  readonly line: number;
  readonly column: number;
}

interface LanguageCase {
  readonly language: string;
  readonly languageId: string;
  readonly file: string;
  readonly text: string;
  readonly comment: Place;
  readonly string: Place;
  /** Inside a name. */
  readonly word: Place;
  /** Where there is room for a second cursor below. */
  readonly two: Place;
  /** A file where anything could follow. */
  readonly open: { readonly file: string; readonly typed: string };
}

const CASES: readonly LanguageCase[] = [
  {
    language: 'Python',
    languageId: 'python',
    file: 'area.py',
    text: '# The \nname = "The "\n\n\ndef area(width, height):\n    return width * height\n\n\n',
    comment: { line: 1, column: 7 },
    string: { line: 2, column: 13 },
    word: { line: 5, column: 7 },
    two: { line: 7, column: 1 },
    open: { file: 'open.py', typed: 'seven = ' },
  },
  {
    language: 'TypeScript',
    languageId: 'typescript',
    file: 'area.ts',
    text: '// The \nconst name = "The ";\n\nexport function area(width: number, height: number): number {\n  return width * height;\n}\n\n\n',
    comment: { line: 1, column: 8 },
    string: { line: 2, column: 19 },
    word: { line: 4, column: 19 },
    two: { line: 7, column: 1 },
    open: { file: 'open.ts', typed: 'const seven = ' },
  },
  {
    language: 'Go',
    languageId: 'go',
    file: 'area.go',
    text: '// The \npackage area\n\nconst name = "The "\n\nfunc Area(width, height int) int {\n\treturn width * height\n}\n\n\n',
    comment: { line: 1, column: 8 },
    string: { line: 4, column: 19 },
    word: { line: 6, column: 8 },
    two: { line: 9, column: 1 },
    open: { file: 'open.go', typed: 'package numbers\n\nvar seven = ' },
  },
];

/** Longer than is allowed below. */
const LONG = `package long\n\n${'// A line that makes the file longer.\n'.repeat(400)}\nfunc add(a, b int) int {\n\treturn `;

describe('where nothing is suggested by itself', function () {
  this.timeout(240_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: {
        ...Object.fromEntries(CASES.map(({ file, text }) => [file, text])),
        ...Object.fromEntries(CASES.map(({ open }) => [open.file, ''])),
        'long.go': LONG,
        'secret.ts': '',
        'frozen.py': 'def add(a, b):\n    return ',
        '.qwenignore': 'secret.*\n',
      },
      settings: {
        'qwenCoder.minProbability': undefined,
        'qwenCoder.suggestInComments': false,
        'qwenCoder.suggestInStrings': false,
        'qwenCoder.maxDocumentCharacters': 10_000,
        'files.readonlyInclude': { '**/frozen.py': true },
      },
    });
    await session.open('area.py');
    await typeText(session.page, ' ');
    await untilReady(session.page);
  });
  after(async () => session?.close());

  /** Sees that requests here come to nothing for a reason, and what a person reads of it. */
  const silentFor = async (
    languageId: string,
    reason: string,
    told: RegExp,
    act: () => Promise<void>,
  ): Promise<string[]> => {
    const { page, server } = session;
    const log = markLog(server);
    await act();
    await untilLogged(log, new RegExp(`\\(automatic, ${languageId}\\): none, ${reason}\\b`));
    assert.equal(await ghostText(page), '');
    return why(told);
  };

  /** Asks why. @returns the buttons below the answer */
  const why = async (told: RegExp): Promise<string[]> => buttonsOf(await askWhy(session.page, told));

  const toPlace = async (file: string, { line, column }: Place): Promise<void> => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path(file));
    await cursorTo(page, line, column);
  };

  for (const { language, languageId, file, comment, string, word, two, open } of CASES) {
    it(`comments and strings, by the settings, in ${language}; asked by hand it comes`, async () => {
      const { page } = session;
      await toPlace(file, comment);
      const remedies = await silentFor(languageId, 'in-comment', /The cursor was in a comment/, () =>
        typeText(page, TYPED, KEY_MS),
      );
      assert.deepEqual(remedies.slice(0, 2), ['Ask Now', 'Setting: Suggest In Comments']);
      await screenshot(page, `quiet-comment-${language.toLowerCase()}`);
      await toPlace(file, string);
      await silentFor(languageId, 'in-string', /The cursor was in a string/, () =>
        typeText(page, TYPED, KEY_MS),
      );
      await toPlace(file, { ...comment, column: comment.column + TYPED.length });
      await page.keyboard.press('Alt+\\');
      assert.match(await waitForGhost(page), /\w/);
      await page.keyboard.press('Escape');
    });

    it(`the inside of a word, and several cursors, in ${language}`, async () => {
      const { page } = session;
      await toPlace(file, word);
      await silentFor(languageId, 'in-word', /The cursor was inside a word/, () => typeText(page, 'x'));
      await page.keyboard.press('Backspace');
      await toPlace(file, two);
      await silentFor(languageId, 'several-cursors', /There was more than one cursor/, async () => {
        await page.keyboard.press('Control+Shift+ArrowDown');
        await typeText(page, 'x');
      });
      await page.keyboard.press('Escape');
    });

    it(`what the model is hardly sure of, in ${language}; asked by hand it comes`, async () => {
      const { page, workspace } = session;
      await switchToFile(page, workspace.path(open.file));
      const remedies = await silentFor(languageId, 'unsure', /took it for hardly right itself/, () =>
        typeText(page, open.typed),
      );
      assert.ok(remedies.includes('Setting: Min Probability'), remedies.join());
      await screenshot(page, `quiet-unsure-${language.toLowerCase()}`);
      await pressButton(await untilNotification(page, /hardly right/), 'Ask Now');
      assert.match(await waitForGhost(page), /\S/);
      await page.keyboard.press('Escape');
    });
  }

  it('a document over the limit, until a longer one is accepted', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('long.go'));
    await silentFor('go', 'document-too-large', /This document has 15,\d+ characters/, () =>
      typeText(page, 'a '),
    );
    await screenshot(page, 'quiet-long');
    await pressButton(await untilNotification(page, /characters/), 'Accept 100,000 Characters');
    assert.match(await waitForGhost(page), /\S/);
  });

  it('a file that a .qwenignore names, also asked by hand', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('secret.ts'));
    await silentFor(
      'typescript',
      'ignored-by-qwenignore',
      /A \.qwenignore of the workspace names this file/,
      () => typeText(page, 'function add(a: number, b: number) {\nreturn '),
    );
    await page.keyboard.press('Alt+\\');
    await page.waitForTimeout(1000);
    assert.equal(await ghostText(page), '');
    await screenshot(page, 'quiet-ignored');
  });

  it('a file that cannot be written to', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('frozen.py'));
    assert.deepEqual(await why(/This document cannot be written to/), ['Save As…', 'Show Completion Log']);
    await runCommand(page, 'Qwen Coder: Trigger Suggestion');
    await page.waitForTimeout(1000);
    assert.equal(await ghostText(page), '');
  });
});
