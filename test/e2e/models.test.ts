/** What a person sees of the engine and of the models, and does with them. */
import assert from 'node:assert/strict';
import { screenshot, runCommand, typeText, waitForGhost } from './harness/page';
import { startSession, type Session } from './harness/session';
import { chooseEntry, renderedDocument, statusItem, untilReady } from './harness/workbench';

describe('the engine and its models', function () {
  this.timeout(180_000);
  let session: Session;

  before(async () => {
    session = await startSession({
      files: { 'add.py': '' },
      settings: { 'workbench.activityBar.location': 'hidden' },
    });
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('add.py');
  });

  after(async () => session?.close());

  it('are shown in a readable status: model, variant, threads, speeds, memory, files', async () => {
    const { page } = session;
    await page.keyboard.press('Control+b');
    await typeText(page, 'def add(a, b):\nreturn ');
    assert.match(await waitForGhost(page), /^a \+ b/);
    await untilReady(page);
    await statusItem(page).click();
    await chooseEntry(page, 'Show Engine Status');
    const text = await renderedDocument(page, /Recent requests[^]*tokens\/s/);
    await screenshot(page, 'engine-status');
    assert.match(text, /^Qwen Coder: engine status\s+Ready\./);
    for (const shown of [
      /name: Qwen2\.5-Coder 0\.5B \(qwen2\)/,
      /variant: (?:fast7?|exact), /,
      /threads: \d+, chosen automatically/,
      /context: 2048 tokens/,
      /loaded in: [\d.]+ m?s/,
      /of the prompts came from the cache/,
      /extension host: [\d.]+ [MG]B/,
      /weights: \/\S+\.gguf/,
    ]) {
      assert.match(text, shown);
    }
  });

  it('are followed while the status is open', async () => {
    const { page } = session;
    await runCommand(page, 'Qwen Coder: Restart Engine');
    await renderedDocument(page, /engine status\s+(?:Loads|Loading|Checking)/);
    await renderedDocument(page, /engine status\s+Ready\./);
  });
});
