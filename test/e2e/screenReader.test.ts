/** What a screen reader is given of a suggestion: the editor's own announcement and its accessible view. */
import { screenshot, switchToFile, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';

const CASES = [
  { language: 'Python', file: 'add.py', typed: 'def add(a, b):\nreturn ', right: /^a \+ b/ },
  {
    language: 'TypeScript',
    file: 'add.ts',
    typed: 'function add(a: number, b: number) {\nreturn ',
    right: /^a \+ b/,
  },
  {
    language: 'Go',
    file: 'add.go',
    typed: 'package add\n\nfunc Add(a, b int) int {\nreturn ',
    right: /^a \+ b/,
  },
];

describe('with a screen reader, a suggestion', function () {
  this.timeout(180_000);
  let session: Session;
  before(async () => {
    session = await startSession({
      files: Object.fromEntries(CASES.map(({ file }) => [file, ''])),
      settings: { 'editor.accessibilitySupport': 'on' },
    });
    await session.open('add.py');
  });
  after(async () => session?.close());

  for (const { language, file, typed, right } of CASES) {
    it(`is announced, and stands in the accessible view, in ${language}`, async () => {
      const { page, workspace } = session;
      await switchToFile(page, workspace.path(file));
      const announced = page.locator('.monaco-aria-container .monaco-alert');
      await typeText(page, typed);
      const ghost = await waitForGhost(page, (text) => right.test(text));
      await announced.filter({ hasText: ghost }).first().waitFor({ state: 'attached' });
      await page.keyboard.press('Alt+F2');
      const view = page.locator('.accessible-view');
      await view.filter({ hasText: ghost }).waitFor();
      await screenshot(page, `accessible-${language.toLowerCase()}`);
      await page.keyboard.press('Escape');
      await view.waitFor({ state: 'hidden' });
    });
  }
});
