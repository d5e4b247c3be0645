/** Ghost text while the editor's own list of completions is open: it goes with the selected entry, or stays away. */
import assert from 'node:assert/strict';
import { markLog, untilLogged } from './harness/extensionLog';
import { comes, ghostText, saveFile, screenshot, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { untilReady } from './harness/workbench';

/** A language server that runs answers within a fraction of it. */
const LIST_LIMIT_MS = 2000;

interface LanguageCase {
  readonly language: string;
  readonly file: string;
  readonly text: string;
  /** The beginning of the name that the model goes on with. */
  readonly typed: string;
  /** The entry that the model means, and another one below it. */
  readonly right: string;
  readonly wrong: string;
  /** What the model writes behind it. */
  readonly rest: string;
}

const CASES: readonly LanguageCase[] = [
  {
    language: 'Python',
    file: 'total.py',
    text: 'def yearly_interest(principal):\n    return principal * 0.05\n\n\ndef yearly_insurance(value):\n    return value * 0.02\n\n\ndef yearly_total(principal, value):\n    interest = yearly_interest(principal)\n    insurance = ',
    typed: 'yearly_in',
    right: 'yearly_insurance',
    wrong: 'yearly_interest',
    rest: '(value)',
  },
  {
    language: 'TypeScript',
    file: 'total.ts',
    text: 'function yearlyInterest(principal: number): number {\n  return principal * 0.05;\n}\n\nfunction yearlyInsurance(value: number): number {\n  return value * 0.02;\n}\n\nexport function yearlyTotal(principal: number, value: number): number {\n  const interest = yearlyInterest(principal);\n  const insurance = ',
    typed: 'yearlyIn',
    right: 'yearlyInsurance',
    wrong: 'yearlyInterest',
    rest: '(value);',
  },
  {
    language: 'Go',
    file: 'total.go',
    text: 'package total\n\nfunc yearlyInterest(principal float64) float64 {\n\treturn principal * 0.05\n}\n\nfunc yearlyInsurance(value float64) float64 {\n\treturn value * 0.02\n}\n\nfunc yearlyTotal(principal, value float64) float64 {\n\tinterest := yearlyInterest(principal)\n\tinsurance := ',
    typed: 'yearlyIn',
    right: 'yearlyInsurance',
    wrong: 'yearlyInterest',
    rest: '(value)',
  },
];

describe('suggestions beside the list of completions', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: Object.fromEntries(CASES.map(({ file, text }) => [file, text])),
      settings: { 'editor.wordBasedSuggestions': 'currentDocument', 'editor.quickSuggestions': undefined },
    });
    await session.open('total.py');
    await typeText(session.page, ' \b');
    await untilReady(session.page);
  });
  after(async () => session?.close());

  for (const { language, file, text, typed, right, wrong, rest } of CASES) {
    it(`go with its selected entry, in ${language}, and away where they say something else`, async () => {
      const { page, server, workspace } = session;
      const path = workspace.path(file);
      const selected = page.locator('.suggest-widget.visible .monaco-list-row.focused');
      const select = async (key: string, name: string): Promise<void> => {
        await page.keyboard.press(key);
        await selected.filter({ hasText: name }).waitFor();
      };
      const shown = right.slice(typed.length) + rest;

      await switchToFile(page, path);
      await typeText(page, typed);
      // A list of nothing but words does not open by itself: there is no server for the language, or it has not started.
      if (!(await comes(selected, { timeout: LIST_LIMIT_MS }))) await page.keyboard.press('Control+Space');
      await selected.filter({ hasText: right }).waitFor();
      await waitForGhost(page, (ghost) => ghost === shown);
      await screenshot(page, `list-${language.toLowerCase()}`);

      const log = markLog(server);
      await select('ArrowDown', wrong);
      await untilLogged(log, /none, disagrees-with-list/);
      assert.equal(await ghostText(page), '');
      await select('ArrowUp', right);
      await waitForGhost(page, (ghost) => ghost === shown);

      // Tab is the list's as long as it is open: it takes the entry, and what goes beyond it stays.
      await page.keyboard.press('Tab');
      await waitForGhost(page, (ghost) => ghost === rest);
      assert.equal(await selected.count(), 0);
      await page.keyboard.press('Tab');
      assert.equal(await saveFile(page, path), text + right + rest);
    });
  }
});
