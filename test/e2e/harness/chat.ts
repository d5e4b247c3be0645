/** The chat view as a person sees it. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** A cold engine converts nothing here, but it loads, and a small machine reads slowly. */
const ANSWER_LIMIT_MS = 120_000;

/** Opens the view and waits until its input is there. */
export async function openChat(page: Page): Promise<FrameLocator> {
  await page.keyboard.press('Alt+Shift+q');
  const chat = chatFrame(page);
  await chat.locator('.composer .input').waitFor({ timeout: 30_000 });
  return chat;
}

export const chatFrame = (page: Page): FrameLocator =>
  page.frameLocator('iframe.webview.ready').first().frameLocator('iframe#active-frame');

/** Types a question into the view's input, sends it by key, and waits until it stands in the conversation. */
export async function ask(chat: FrameLocator, question: string): Promise<void> {
  const before = await turns(chat).count();
  const input = chat.locator('.composer .input');
  await input.click();
  await input.fill(question);
  await input.press('Enter');
  await turns(chat).nth(before).waitFor();
}

export const turns = (chat: FrameLocator): Locator => chat.locator('.turn');

/** Waits until the last answer has ended. @returns its text */
export async function untilAnswered(chat: FrameLocator): Promise<string> {
  const last = turns(chat).last();
  await chat
    .locator('.turn:last-child:is([data-state="done"], [data-state="stopped"], [data-state="failed"])')
    .waitFor({ timeout: ANSWER_LIMIT_MS });
  // It is drawn in the next frame.
  await last.locator('.answer .waiting').waitFor({ state: 'detached' });
  return last.locator('.answer').innerText();
}

/** Waits until the last answer has begun. */
export async function untilWriting(chat: FrameLocator): Promise<void> {
  await chat.locator('.turn:last-child[data-state="writing"]').waitFor({ timeout: ANSWER_LIMIT_MS });
}
