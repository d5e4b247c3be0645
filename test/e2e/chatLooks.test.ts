/** How the chat view looks in the editor's themes, and what it may do in a workspace that is not trusted. */
import assert from 'node:assert/strict';
import { ask, openChat, turns, untilAnswered } from './harness/chat';
import { screenshot } from './harness/page';
import { startSession, type Session } from './harness/session';
import { notifications } from './harness/workbench';

const QUESTION = 'Write a Python function add(a, b). Only the code.';
/** WCAG 2 asks this of text. */
const MIN_CONTRAST = 4.5;

/** The lowest contrast of texts against what lies behind them. Text for the page. */
const LOWEST_CONTRAST = `(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const over = (top, below) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map((at) => top[at] * alpha + below[at] * (1 - alpha));
  };
  const behind = (element) => {
    if (element === null) return parse(getComputedStyle(document.documentElement).getPropertyValue('background-color')).slice(0, 3);
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour.length < 3 || colour[3] === 0) return behind(element.parentElement);
    return over(colour, behind(element.parentElement));
  };
  let lowest = { contrast: 99, text: '' };
  for (const element of document.querySelectorAll('.question p, .answer p, .answer code, .hljs-keyword, .hljs-title, .language, .button, .caution, .status span')) {
    if (element.getClientRects().length === 0) continue;
    const below = behind(element);
    const [a, b] = [light(over(parse(getComputedStyle(element).color), below)), light(below)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < lowest.contrast) lowest = { contrast, text: element.className + ': ' + element.textContent };
  }
  return lowest;
})()`;

describe('the chat view', function () {
  this.timeout(240_000);
  let session: Session | undefined;

  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  for (const [name, theme] of [
    ['light', 'Default Light Modern'],
    ['dark', 'Default Dark Modern'],
    ['high contrast', 'Default High Contrast'],
  ] as const) {
    it(`can be read in the ${name} theme, with code in its colours`, async () => {
      session = await startSession({ files: { 'a.py': '' }, settings: { 'workbench.colorTheme': theme } });
      session.page.on('dialog', (dialog) => void dialog.accept());
      await session.open('a.py');
      const chat = await openChat(session.page);
      await ask(chat, QUESTION);
      await untilAnswered(chat);
      await chat.locator('.hljs-keyword').first().waitFor();
      await screenshot(session.page, `chat-${name.replace(' ', '-')}`);
      const { contrast, text } = await chat
        .locator('body')
        .evaluate<{ contrast: number; text: string }, void>(LOWEST_CONTRAST as never);
      assert.ok(contrast >= MIN_CONTRAST, `${contrast.toFixed(2)} at ${text}`);
      const colour = await chat
        .locator('html')
        .evaluate<string, void>(
          "getComputedStyle(document.documentElement).getPropertyValue('--code-keyword')" as never,
        );
      assert.match(colour, /^#/, 'the colours of the theme were not found');
    });
  }

  it('answers in a workspace that is not trusted, and offers nothing that writes', async () => {
    session = await startSession({ files: { 'a.py': '' }, workspaceTrust: true });
    const { page } = session;
    page.on('dialog', (dialog) => void dialog.accept());
    await session.open('a.py');
    const chat = await openChat(page);
    await ask(chat, QUESTION);
    assert.match(await untilAnswered(chat), /def add/);
    await chat.getByRole('button', { name: 'Copy this code' }).first().waitFor();
    assert.equal(await chat.getByRole('button', { name: 'Insert this code at the cursor' }).count(), 0);
    assert.equal(await chat.getByRole('button', { name: 'Open this code as a new file' }).count(), 0);
    assert.equal(await turns(chat).count(), 1);
    await screenshot(page, 'chat-untrusted');
    assert.equal(await notifications(page, 'could not').count(), 0);
  });
});
