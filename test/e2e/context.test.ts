/** *Show Context* in a real editor: what is listed, by keyboard, and what pinning and removing do. */
import assert from 'node:assert/strict';
import { runCommand, screenshot } from './harness/page';
import { startSession, type Session } from './harness/session';

const ROW = '.quick-input-list .monaco-list-row';

describe('Show Context', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      settings: { 'qwenCoder.contextSources': { path: true, imports: true, signature: true } },
      files: {
        'billing.py':
          'TAX = 0.2\n\n\ndef send_invoice(customer, amount, *, due_in_days=30):\n    return customer, amount * (1 + TAX), due_in_days\n',
        '.env': 'send_invoice = "customer, amount"\n',
        'main.py':
          'from billing import send_invoice\n\n\ndef bill(customer, amount):\n    return send_invoice(customer, ',
      },
    });
    await session.open('main.py');
  });
  after(async () => session?.close());

  const rows = () => session.page.locator(ROW);
  const row = (text: string | RegExp) => rows().filter({ hasText: text }).first();
  const show = async (): Promise<void> => {
    await runCommand(session.page, 'Qwen Coder: Show Context');
    await session.page.locator('.quick-input-titlebar', { hasText: 'Context of main.py' }).waitFor();
  };

  it('lists what prompts show with its source, place and size', async () => {
    const { page } = session;
    await show();
    await row('billing.py:4 send_invoice').waitFor();
    const text = (await row('billing.py:4').textContent()) ?? '';
    assert.match(text, /imported, \d+ tokens · billing\.py/);
    assert.match(text, /def send_invoice\(customer, amount, \*, due_in_days=30\): \.\.\./);
    assert.equal(await rows().filter({ hasText: '.env' }).count(), 0);
    await screenshot(page, 'show-context');
  });

  it('pins and removes by keyboard, and lets what was removed come back', async () => {
    const { page } = session;
    await page.keyboard.press('Enter');
    await row('Pin').waitFor();
    await page.keyboard.type('Pin');
    await page.keyboard.press('Enter');
    await row(/billing\.py:4.*pinned/).waitFor();
    await screenshot(page, 'show-context-pinned');
    await page.keyboard.press('Enter');
    await row('Remove').waitFor();
    await page.keyboard.type('Remove');
    await page.keyboard.press('Enter');
    await row('come back (1)').waitFor();
    await screenshot(page, 'show-context-removed');
    // Rows are used again with their old text hidden, so that only the label says what is shown.
    await page.locator(`${ROW}[aria-label*="send_invoice"]`).waitFor({ state: 'detached', timeout: 5000 });
    await row('come back (1)').click();
    await row('billing.py:4 send_invoice').waitFor();
  });

  it('opens a chunk at its place', async () => {
    const { page } = session;
    await page.keyboard.press('Escape');
    await show();
    await row('billing.py:4 send_invoice').click();
    await row('Open').click();
    await page.locator('.tab.active', { hasText: 'billing.py' }).waitFor();
    await page.locator('[id="status.editor.selection"]', { hasText: 'Ln 4, Col 1' }).waitFor();
  });
});
