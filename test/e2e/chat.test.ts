/** The chat view in a real browser, with the real model. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { FrameLocator } from 'playwright-core';
import { ask, openChat, turns, untilAnswered, untilWriting } from './harness/chat';
import { cursorTo, quickInput, runCommand, saveFile, screenshot, switchToFile } from './harness/page';
import { startSession, type Session } from './harness/session';
import { untilNotification } from './harness/workbench';

const MODULE = `def fahrenheit(celsius):
    return celsius * 9 / 5 + 32


def mean(values):
    return sum(values) / len(values)
`;

describe('the chat view', function () {
  this.timeout(240_000);
  let session: Session;
  let chat: FrameLocator;

  before(async () => {
    session = await startSession({
      files: {
        'temperature.py': MODULE,
        'notes.txt': 'The secret word is marmalade.\n',
        'place.py': 'class Place:\n    \n# end\n',
      },
      settings: { 'qwenCoder.maxAnswerTokens': 160 },
    });
    session.page.on('dialog', (dialog) => void dialog.accept());
    await session.open('temperature.py');
    chat = await openChat(session.page);
  });

  after(async () => session?.close());

  it('opens by key with the cursor in its input, and says what it is', async () => {
    await chat.locator('.composer .input:focus').waitFor();
    await chat.getByText('Everything stays on this machine').waitFor();
    await chat.getByText('Small models err').waitFor();
    await screenshot(session.page, 'chat-empty');
  });

  it('answers a question while it streams, with code in a block', async () => {
    await ask(chat, 'Write a Python function that reverses a string. Only the code.');
    await untilWriting(chat);
    const answer = await untilAnswered(chat);
    assert.match(answer, /def \w+\(/);
    await chat.locator('.code .hljs-keyword').first().waitFor();
    assert.match(await chat.locator('.status').innerText(), /Qwen2\.5-Coder 0\.5B.*% of context/s);
    await chat.locator('.turn .stats', { hasText: /\d+ tokens\/s/ }).waitFor();
    await screenshot(session.page, 'chat-answer');
  });

  it('stops by key, and what was written stays', async () => {
    await ask(chat, 'Count from one to one hundred in words, one number per line.');
    await untilWriting(chat);
    await session.page.waitForTimeout(700);
    await session.page.keyboard.press('Escape');
    await untilAnswered(chat);
    assert.equal(await turns(chat).last().getAttribute('data-state'), 'stopped');
    assert.notEqual((await turns(chat).last().locator('.answer').innerText()).trim(), '');
  });

  it('shows what goes in as chips that can be removed, and reads it', async () => {
    const { page } = session;
    await chat.locator('.composer .input').fill('@fi');
    await page.keyboard.press('Enter');
    await quickInput(page).fill('notes.txt');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'notes.txt' }).first().click();
    await chat.locator('.composer .chip', { hasText: 'notes.txt' }).waitFor();
    await ask(chat, 'What is the secret word in the file? Answer with that word.');
    assert.match(await untilAnswered(chat), /marmalade/i);
    await screenshot(page, 'chat-context');
  });

  it('reads what a question names in its text', async () => {
    await runCommand(session.page, 'Qwen Coder: New Chat');
    await ask(chat, 'What is the secret word in @file:notes.txt? Answer with that word.');
    assert.match(await untilAnswered(chat), /marmalade/i);
    await turns(chat).last().locator('.chip', { hasText: 'notes.txt' }).waitFor();
    await ask(chat, 'Name the parameter of @symbol:fahrenheit.');
    assert.match(await untilAnswered(chat), /celsius/i);
    await turns(chat).last().locator('.chip', { hasText: 'fahrenheit' }).waitFor();
    await ask(chat, 'Say yes. @file:none.txt');
    await untilNotification(session.page, /There is no file none\.txt here/);
    await untilAnswered(chat);
    assert.equal(await turns(chat).last().locator('.chip').count(), 0);
  });

  it('takes a file that is dragged from its tab and dropped with Shift', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('notes.txt'));
    await page.keyboard.press('Alt+Shift+q');
    const tab = await page.locator('.tab', { hasText: 'notes.txt' }).boundingBox();
    const input = await page.locator('iframe.webview.ready').first().boundingBox();
    assert.ok(tab && input);
    await page.mouse.move(tab.x + 30, tab.y + 10);
    await page.mouse.down();
    await page.keyboard.down('Shift');
    await page.mouse.move(tab.x + 10, tab.y + 40, { steps: 5 });
    await page.mouse.move(input.x + 100, input.y + input.height - 120, { steps: 20 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await chat.locator('.composer .chip', { hasText: 'notes.txt' }).waitFor({ timeout: 5000 });
    await screenshot(page, 'chat-dropped');
    await chat.getByRole('button', { name: 'Leave out notes.txt' }).click();
  });

  it('takes a file that is dropped as the explorer hands it over', async () => {
    // In the side bar, explorer and chat take each other's place, so a hand cannot drag from one to the other.
    const { page, server, workspace } = session;
    await runCommand(page, 'Qwen Coder: New Chat');
    const frame = page.frames().find((one) => one.url().includes('fake.html'));
    assert.ok(frame);
    const uri = `vscode-remote://${server.authority}${workspace.path('notes.txt')}`;
    await frame.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('application/vnd.code.uri-list', ${JSON.stringify(uri)});
      const input = document.querySelector('.composer .input');
      for (const type of ['dragenter', 'dragover', 'drop'])
        input.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    })()`);
    await chat.locator('.composer .chip', { hasText: 'notes.txt' }).waitFor({ timeout: 5000 });
    await ask(chat, 'What is the secret word in the file? Answer with that word.');
    assert.match(await untilAnswered(chat), /marmalade/i);
  });

  it('puts code into the file: shown as a change of what is there, and accepted', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('temperature.py'));
    await page.keyboard.press('Alt+Shift+q');
    await ask(chat, 'Write a Python function mean(values) that returns 0 for an empty list. Only the code.');
    assert.match(await untilAnswered(chat), /def mean\(/);
    await turns(chat).last().getByRole('button', { name: 'Show this code as a change' }).click();
    await page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await screenshot(page, 'chat-apply');
    assert.equal(readFileSync(workspace.path('temperature.py'), 'utf8'), MODULE);
    await runCommand(page, 'Qwen Coder: Accept All Changes');
    await page.locator('.monaco-diff-editor').waitFor({ state: 'detached' });
    await page.locator('.tab', { hasText: 'temperature.py' }).first().click();
    const saved = await saveFile(page, workspace.path('temperature.py'));
    assert.match(saved, /def fahrenheit\(celsius\):\n {4}return celsius \* 9 \/ 5 \+ 32\n/);
    assert.equal(saved.split('def mean(').length, 2, saved);
    assert.notEqual(saved, MODULE);
  });

  it('inserts code of an answer at the cursor, indented as its line is', async () => {
    const { page, workspace } = session;
    await switchToFile(page, workspace.path('place.py'));
    await cursorTo(page, 2, 5);
    await page.keyboard.press('Alt+Shift+q');
    await ask(chat, 'Write a Python function double(x) of two lines. Only the code.');
    assert.match(await untilAnswered(chat), /def double\(/);
    await turns(chat).last().getByRole('button', { name: 'Insert this code at the cursor' }).click();
    await page.locator('.tab.dirty', { hasText: 'place.py' }).click();
    const saved = await saveFile(page, workspace.path('place.py'));
    assert.match(saved, /^class Place:\n {4}def double\(x[^)]*\)[^\n]*:\n {8}[^]*\n?# end\n$/);
  });

  it('is there again after the window is loaded anew', async () => {
    const before = await turns(chat).count();
    await session.page.waitForTimeout(1000);
    await session.open('temperature.py');
    chat = await openChat(session.page);
    await turns(chat).first().waitFor();
    assert.equal(await turns(chat).count(), before);
    await runCommand(session.page, 'Qwen Coder: New Chat');
    await chat.getByText('Everything stays on this machine').waitFor();
  });
});
