/** The chat's page with hostile answers, by keyboard alone, and narrow. */
import assert from 'node:assert/strict';
import { openBrowser, type Browser } from './harness/editor';
import { openLoosePage, shownState, shownTurn, type LoosePage } from './harness/loosePage';
import { screenshot } from './harness/page';

const fence = '```';
/** What a model might be made to write. Each tries to call `xss`, to load something or to go somewhere. */
const HOSTILE: Readonly<Record<string, string>> = {
  script: '<script>xss()</script>',
  'script in a paragraph': 'Hello <script>xss()</script> there',
  'image with a handler': '<img src=x onerror=xss()>',
  'vector image': '<svg onload=xss()><script>xss()</script></svg>',
  'frame of script': '<iframe srcdoc="<script>parent.xss()</script>"></iframe>',
  'javascript link': '[click](javascript:xss())',
  'javascript link, hidden': '[click](&#106;avascript&#58;xss())',
  'javascript link with blanks': '[click](<java\tscript:xss()>)',
  'command link': '[run](command:workbench.action.terminal.new)',
  'data link': '[open](data:text/html,<script>xss()</script>)',
  'file link': '[open](file:///etc/passwd)',
  'vbscript autolink': '<vbscript:xss()>',
  'reference link': '[x][y]\n\n[y]: javascript:xss()',
  image: '![pixel](https://evil.test/pixel.png)',
  'reference image': '![pixel][p]\n\n[p]: https://evil.test/pixel.png',
  style: '<style>@import "https://evil.test/x.css"; body { display: none }</style>',
  'inline style': '<div style="position:fixed;inset:0;background:url(https://evil.test/x)">x</div>',
  meta: '<meta http-equiv="refresh" content="0;url=https://evil.test">',
  base: '<base href="https://evil.test/">',
  form: '<form action="https://evil.test"><button autofocus onfocus=xss()>x</button></form>',
  'name that hides a function': '<img name=querySelector><form id=app>',
  'fence with a hostile language': `${fence}"><img src=x onerror=xss()>\ncode\n${fence}`,
  'html in a fence': `${fence}html\n<script>xss()</script><img src=x onerror=xss()>\n${fence}`,
  'mutating markup':
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=xss()&gt;">',
  'noscript trick': '<noscript><p title="</noscript><img src=x onerror=xss()>">',
  template: '<template><script>xss()</script></template>{{constructor.constructor("xss()")()}}',
  'table with a handler': '| a |\n| --- |\n| <img src=x onerror=xss()> |',
  'null bytes': '<scr\0ipt>xss()</scr\0ipt>',
};
const HUGE: Readonly<Record<string, string>> = {
  'a million units': 'word '.repeat(190_000),
  'quotes inside each other': '>'.repeat(20_000),
  'lists inside each other': Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join(
    '\n',
  ),
  'brackets without end': '['.repeat(50_000),
  'emphasis without end': '*a_ '.repeat(20_000),
  'an open fence': `${fence}js\n${'const x = 1;\n'.repeat(3000)}`,
  'a wide table': `|${'a|'.repeat(2000)}\n|${'-|'.repeat(2000)}\n${`|${'b|'.repeat(2000)}\n`.repeat(20)}`,
};
const DRAWN_LIMIT_MS = 10_000;

describe('the chat page', function () {
  this.timeout(120_000);
  let browser: Browser;
  let chat: LoosePage;

  before(async () => {
    browser = await openBrowser();
    browser.page.on('dialog', () => assert.fail('a dialog was opened'));
    chat = await openLoosePage(browser.page);
  });
  after(() => browser?.close());

  /** Shows an answer, in one piece and as it streams, and waits until it is drawn. */
  const show = async (answer: string): Promise<void> => {
    await chat.tell({
      type: 'state',
      state: shownState([shownTurn('', { state: 'writing' })], { busy: true }),
    });
    const half = Math.floor(answer.length / 2);
    await chat.tell({ type: 'text', turn: 't1', at: 0, text: answer.slice(0, half) });
    await chat.tell({ type: 'text', turn: 't1', at: half, text: answer.slice(half) });
    await chat.tell({ type: 'state', state: shownState([shownTurn(answer)]) });
    await chat.page.locator('.turn[data-state="done"]').waitFor({ timeout: DRAWN_LIMIT_MS });
    await chat.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
  };

  for (const [name, answer] of Object.entries({ ...HOSTILE, ...HUGE })) {
    it(`runs, loads and opens nothing of it: ${name}`, async () => {
      const started = Date.now();
      await show(answer);
      assert.ok(Date.now() - started < DRAWN_LIMIT_MS);
      for (const link of await chat.page.locator('.answer a').all()) await link.click({ timeout: 2000 });
      assert.equal(await chat.executed(), 0);
      assert.deepEqual(chat.requests, []);
      assert.equal(chat.page.url(), 'https://chat.test/');
      const found = await chat.page.evaluate<
        string[]
      >(`[...document.querySelectorAll('.answer *')].flatMap((element) => [
        ...(/^(script|iframe|img|svg|style|form|object|embed|base|meta|link|math|template|input|video|audio)$/i.test(element.tagName) ? [element.tagName] : []),
        ...[...element.attributes].map(({ name }) => name).filter((name) => name.startsWith('on') || name === 'style' || name === 'src' || name === 'href'),
      ])`);
      assert.deepEqual(found, []);
      for (const message of await chat.said()) {
        if (message.type === 'openLink') assert.match(message.href, /^https?:/);
      }
    });
  }

  it('asks the editor to open a link, and goes nowhere itself', async () => {
    await show('See [the manual](https://example.org/manual).');
    await chat.page.locator('.answer a').press('Enter');
    assert.deepEqual((await chat.said()).at(-1), { type: 'openLink', href: 'https://example.org/manual' });
  });

  it('ignores what is no message of the editor', async () => {
    await show('Still here.');
    for (const data of [
      'x',
      null,
      { type: 'state', state: {} },
      { type: 'text', turn: 't1', at: 0, text: 7 },
    ]) {
      await chat.page.evaluate(`window.postMessage(${JSON.stringify(data)}, '*')`);
    }
    assert.match(await chat.page.locator('.answer').innerText(), /Still here/);
  });

  it('is used by keyboard alone: commands, context, buttons of an answer', async () => {
    const { page } = chat;
    await show(`Code:\n\n${fence}python\nx = 1\n${fence}`);
    await page.locator('.composer .input').focus();
    await page.keyboard.type('/ex');
    await page.locator('.suggestions li[aria-selected="true"]', { hasText: '/explain' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.locator('.composer .input').inputValue(), '/explain ');
    await page.keyboard.type('@se');
    await page.keyboard.press('Enter');
    assert.deepEqual((await chat.said()).at(-1), { type: 'addContext', kind: 'selection' });
    await page.keyboard.type('briefly');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('please');
    await page.keyboard.press('Enter');
    assert.deepEqual((await chat.said()).at(-1), { type: 'ask', question: '/explain briefly\nplease' });

    // From the input backwards: the answer's buttons, then those of its code.
    const reached: string[] = [];
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Shift+Tab');
      reached.push(await page.evaluate<string>('document.activeElement?.textContent ?? ""'));
    }
    for (const name of ['Delete', 'Edit', 'Retry', 'New File', 'Insert', 'Copy'])
      assert.ok(reached.includes(name), name);
    await page.getByRole('button', { name: 'Copy this code' }).press('Enter');
    assert.deepEqual((await chat.said()).at(-1), { type: 'copy', code: 'x = 1\n', language: 'python' });
  });

  it('shows what goes in next when only that has changed', async () => {
    await show('An answer.');
    await chat.tell({ type: 'context', context: [{ kind: 'selection', label: 'cart.ts:3–9' }] });
    await chat.page.locator('.composer .chip', { hasText: 'cart.ts:3–9' }).waitFor();
    assert.match(await chat.page.locator('.turn .answer').innerText(), /An answer\./);
    await chat.tell({ type: 'context', context: [] });
    await chat.page.locator('.composer .chip').waitFor({ state: 'detached' });
  });

  it('changes a question in its place', async () => {
    const { page } = chat;
    await show('An answer.');
    await page.getByRole('button', { name: 'Change this question and ask again' }).click();
    await page.getByLabel('Changed question').fill('Another question');
    await page.keyboard.press('Enter');
    assert.deepEqual((await chat.said()).at(-1), { type: 'edit', turn: 't1', question: 'Another question' });
  });

  it('offers nothing that writes where nothing may be written', async () => {
    const turn = shownTurn(`${fence}js\nx\n${fence}`);
    await chat.tell({ type: 'state', state: shownState([turn], { mayWrite: false, conversation: 'c2' }) });
    await chat.page.getByRole('button', { name: 'Copy this code' }).waitFor();
    assert.equal(await chat.page.getByRole('button', { name: 'Insert' }).count(), 0);
    assert.equal(await chat.page.getByRole('button', { name: 'New File' }).count(), 0);
  });

  it('names every control to a screen reader', async () => {
    await show(`${fence}js\nx\n${fence}`);
    const nameless = await chat.page.evaluate<number>(
      `[...document.querySelectorAll('button, textarea, [role]:not([role=listitem]):not([role=option])')].filter((one) => !(one.getAttribute('aria-label') || one.textContent)).length`,
    );
    assert.equal(nameless, 0);
  });

  it('fits into 250 pixels', async () => {
    await chat.page.setViewportSize({ width: 250, height: 600 });
    await show(
      `Some words and \`code_that_is_long_and_has_no_blank_in_it_at_all()\`.\n\n${fence}python\ndef f(a_long_name, another_long_name, a_third_name):\n    return 1\n${fence}\n\n| a | table |\n| --- | --- |\n| with | cells |`,
    );
    await screenshot(chat.page, 'chat-narrow');
    const wide = await chat.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= 250, `${wide} pixels`);
    await chat.page.setViewportSize({ width: 1280, height: 800 });
  });
});
