/** The extension's own marks in the workbench: its status bar item, its notifications, its menu. */
import type { Locator, Page } from 'playwright-core';
import { runCommand } from './page';

/** Activation and a cold load of the model, on a loaded two-core machine. */
const STATUS_LIMIT_MS = 90_000;
const NOTIFICATION_LIMIT_MS = 60_000;
const MENU_LIMIT_MS = 20_000;
const POLL_MS = 50;

/** The item as the workbench names it: the extension's own id stands before ours. */
const STATUS_ITEM = '.statusbar-item[id$=".qwenCoder.status"]';

/** Notes in the page itself every label that the item bears, so that short-lived ones are not missed. */
const RECORD_LABELS = `(() => {
  const seen = [];
  const note = () => {
    const label = document.querySelector('${STATUS_ITEM}')?.getAttribute('aria-label');
    if (label !== null && label !== undefined && label !== seen.at(-1)) seen.push(label);
  };
  note();
  new MutationObserver(note).observe(document.querySelector('.statusbar') ?? document.body, {
    attributes: true,
    childList: true,
    subtree: true,
  });
  window.qwenCoderStatusLabels = seen;
})()`;

/** The status bar item's label for screen readers; empty while there is no item. */
export async function statusLabel(page: Page): Promise<string> {
  const label = await page.evaluate<string | null | undefined>(
    `document.querySelector('${STATUS_ITEM}')?.getAttribute('aria-label')`,
  );
  return label ?? '';
}

/** The status bar item itself, to be clicked. */
export const statusItem = (page: Page): Locator => page.locator(`${STATUS_ITEM} a`);

/**
 * Waits for a label of the status bar item, and returns it.
 *
 * @throws Error after the time limit, naming the label shown last
 */
export async function untilStatus(
  page: Page,
  accept: (label: string) => boolean,
  limitMs = STATUS_LIMIT_MS,
): Promise<string> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const label = await statusLabel(page);
    if (label !== '' && accept(label)) return label;
    if (Date.now() > limit) {
      throw new Error(`no such status within ${limitMs} ms; shown: ${JSON.stringify(label)}`);
    }
    await page.waitForTimeout(POLL_MS);
  }
}

/** Waits until the model is loaded and nothing is being computed. */
export const untilReady = (page: Page): Promise<string> =>
  untilStatus(page, (label) => label === 'Qwen Coder: ready');

/** Begins to note the labels of the status bar item. @returns reads what has been noted, oldest first */
export async function recordStatus(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(RECORD_LABELS);
  return () => page.evaluate<readonly string[]>('window.qwenCoderStatusLabels');
}

/** Notifications in view, whosever they are, as the person reads them: popped up, or in the list behind the bell. */
export function notifications(page: Page, text: string | RegExp = ''): Locator {
  return page
    .locator('.notifications-toasts.visible, .notifications-center.visible')
    .locator('.notification-list-item', { hasText: text });
}

/** Waits for a notification with this text, and returns it. */
export async function untilNotification(page: Page, text: string | RegExp): Promise<Locator> {
  const found = notifications(page, text).first();
  await found.waitFor({ timeout: NOTIFICATION_LIMIT_MS });
  return found;
}

/** Asks why nothing was suggested at the cursor, with no older notification in the way. @returns the answer */
export async function askWhy(page: Page, told: RegExp = /\S/): Promise<Locator> {
  await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'Qwen Coder: Why Was There No Suggestion Here?');
  return untilNotification(page, told);
}

/** Texts of a notification's buttons, in their order. */
export async function buttonsOf(notification: Locator): Promise<string[]> {
  await notification.locator('.monaco-button').first().waitFor({ timeout: NOTIFICATION_LIMIT_MS });
  return notification.locator('.monaco-button').allInnerTexts();
}

/** Presses a notification's button and waits until the notification is gone. */
export async function pressButton(notification: Locator, title: string): Promise<void> {
  await notification.locator('.monaco-button', { hasText: title }).click();
  await notification.waitFor({ state: 'detached', timeout: NOTIFICATION_LIMIT_MS });
}

/** Entries of the menu or palette that is open. */
export async function menuEntries(page: Page): Promise<string[]> {
  // An entry's second row is what it explains itself with.
  const rows = page.locator('.quick-input-list .quick-input-list-row:first-child .label-name');
  await rows.first().waitFor({ timeout: MENU_LIMIT_MS });
  return (await rows.allInnerTexts()).map((text) => text.trim());
}

/**
 * Waits until the list that is open has such a row, and returns all that is written in each. A list that is on its
 * way out has other rows.
 *
 * @throws Error after the time limit, naming what was shown last
 */
export async function untilRows(page: Page, one: RegExp): Promise<string[]> {
  const rows = page.locator('.quick-input-list .monaco-list-row');
  const limit = Date.now() + MENU_LIMIT_MS;
  for (;;) {
    const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    if (texts.some((text) => one.test(text))) return texts;
    if (Date.now() > limit) throw new Error(`no row like ${one}: ${JSON.stringify(texts)}`);
    await page.waitForTimeout(POLL_MS);
  }
}

/**
 * Chooses an entry of the menu that is open or about to open.
 *
 * @param title the entry's whole text, without its icon
 */
export async function chooseEntry(page: Page, title: string): Promise<void> {
  const limit = Date.now() + MENU_LIMIT_MS;
  for (;;) {
    const entries = await menuEntries(page);
    if (entries.includes(title)) {
      await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
      return;
    }
    if (Date.now() > limit) throw new Error(`no entry ${title} in the menu: ${entries.join(', ')}`);
    await page.waitForTimeout(POLL_MS);
  }
}

/**
 * Waits until the rendered document that is shown (a webview) has this in it, and returns its text.
 *
 * @throws Error after the time limit, naming what was shown last
 */
export async function renderedDocument(
  page: Page,
  text: RegExp,
  limitMs = NOTIFICATION_LIMIT_MS,
): Promise<string> {
  const body = page
    .frameLocator('iframe.webview.ready')
    .first()
    .frameLocator('iframe#active-frame')
    .locator('.markdown-body');
  const limit = Date.now() + limitMs;
  for (;;) {
    const shown = await body.innerText({ timeout: limitMs });
    if (text.test(shown)) return shown;
    if (Date.now() > limit)
      throw new Error(`no ${text} within ${limitMs} ms; shown: ${JSON.stringify(shown)}`);
    await page.waitForTimeout(POLL_MS);
  }
}
