/** What a person does and sees in the workbench, as functions of the page. */
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

const SCREENSHOTS = 'test/e2e/screenshots';
/** Between two keys: fast typing, yet each key is an event of its own for the editor. */
const KEY_DELAY_MS = 25;
/** The mark of unsaved changes appears within a frame or two; a machine under load takes longer. */
const DIRTY_LIMIT_MS = 1500;
const SAVE_LIMIT_MS = 20_000;
const GHOST_LIMIT_MS = 30_000;
const PALETTE_LIMIT_MS = 10_000;
const PALETTE_TRIES = 3;
/** A palette that is open is filled at once. */
const FILL_LIMIT_MS = 5_000;

/** Types text into the focused editor, key by key; `\b` stands for the Backspace key. */
export async function typeText(page: Page, text: string, delayMs = KEY_DELAY_MS): Promise<void> {
  for (const [index, piece] of text.split('\b').entries()) {
    if (index > 0) await page.keyboard.press('Backspace');
    await page.keyboard.type(piece, { delay: delayMs });
  }
}

/**
 * Reads the ghost text in one go, so that its lines belong together. Text for the page, not code of this program:
 * spans on the cursor's line, then a zone below it with one block per further line, blank ones without spans. What
 * goes beyond the selected entry of an open list has a class of its own.
 */
const READ_GHOST = `(() => {
  const editor = document.querySelector('.editor-instance');
  if (editor === null) return [];
  const textOf = (nodes) => [...nodes].map((node) => node.textContent).join('');
  const first = editor.querySelectorAll('.ghost-text-decoration, .ghost-text-decoration-preview');
  const further = [...editor.querySelectorAll('.suggest-preview-text .view-line')];
  if (first.length === 0 && further.length === 0) return [];
  return [textOf(first), ...further.map((line) => textOf(line.querySelectorAll('.ghost-text')))];
})()`;

/** The ghost text that the editor shows, its lines joined by line feeds; empty when there is none. */
export async function ghostText(page: Page): Promise<string> {
  const lines = await page.evaluate<readonly string[]>(READ_GHOST);
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

/**
 * Waits until ghost text is shown, and returns it.
 *
 * @param accept narrows what is waited for
 * @throws Error after the time limit, naming what was shown last
 */
export async function waitForGhost(
  page: Page,
  accept: (text: string) => boolean = (text) => text !== '',
  limitMs = GHOST_LIMIT_MS,
): Promise<string> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const text = await ghostText(page);
    if (accept(text)) return text;
    if (Date.now() > limit) {
      throw new Error(`no such ghost text within ${limitMs} ms; shown: ${JSON.stringify(text)}`);
    }
    await page.waitForTimeout(50);
  }
}

/** Whether something is there within a time that it need not take. */
export const comes = (what: Locator, options: Parameters<Locator['waitFor']>[0]): Promise<boolean> =>
  what.waitFor(options).then(
    () => true,
    () => false,
  );

/**
 * Saves the active file and reads it back from disk, where there is no ghost text in it.
 *
 * @param path absolute path of the active file
 */
export async function saveFile(page: Page, path: string): Promise<string> {
  const dirty = page.locator('.tabs-container .tab.active.dirty');
  if (await comes(dirty, { state: 'attached', timeout: DIRTY_LIMIT_MS })) {
    await page.keyboard.press('Control+s');
    await dirty.waitFor({ state: 'detached', timeout: SAVE_LIMIT_MS });
  }
  return readFileSync(path, 'utf8');
}

/** What is typed into the palette, or into another list or question at its place. */
export const quickInput = (page: Page): Locator => page.locator('.quick-input-widget input[type="text"]');

/**
 * Opens another file in the window that is open already, and puts the cursor at the file's end.
 *
 * @param path absolute path
 */
export async function switchToFile(page: Page, path: string): Promise<void> {
  await page.keyboard.press('Control+p');
  const input = quickInput(page);
  await input.waitFor();
  await input.fill(path);
  const entry = page.locator('.quick-input-list .monaco-list-row', { hasText: basename(path) });
  await entry.first().click();
  await page.locator('.tab.active', { hasText: basename(path) }).waitFor();
  await page.locator('.editor-instance .monaco-editor.focused').waitFor();
  await page.keyboard.press('Control+End');
}

/** Moves the cursor of the active editor. Line and column count from 1. */
export async function cursorTo(page: Page, line: number, column: number): Promise<void> {
  await page.keyboard.press('Control+g');
  const input = quickInput(page);
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
  await page
    .locator('[id="status.editor.selection"]', { hasText: `Ln ${line}, Col ${column}` })
    .waitFor({ timeout: 5000 });
}

/**
 * Runs a command through the command palette.
 *
 * The palette's rows are used again for other entries while it is being filled, so that a click can come to nothing;
 * then the palette is still there, and the command is chosen anew.
 *
 * @param title as the palette shows it, with its category: `Category: Title`
 * @throws Error of Playwright's when there is no such command, or it cannot be chosen
 */
export async function runCommand(page: Page, title: string): Promise<void> {
  const input = quickInput(page);
  const entry = page.locator('.quick-input-list .monaco-list-row').filter({
    has: page.locator('.label-name', { hasText: new RegExp(`^\\s*${escapeRegExp(title)}\\s*$`) }),
  });
  for (let tries = 1; ; tries++) {
    await page.keyboard.press('F1');
    await input.waitFor();
    if (await fillPalette(page, `>${title}`)) {
      await entry.first().click();
      if (await leftPalette(page, `>${title}`)) return;
    }
    if (tries === PALETTE_TRIES) throw new Error(`the palette does not run ${title}`);
  }
}

/** Whether the palette takes a text; it closes when something else on the page gets the focus late. */
async function fillPalette(page: Page, text: string): Promise<boolean> {
  try {
    await quickInput(page).fill(text, { timeout: FILL_LIMIT_MS });
    return true;
  } catch (error) {
    if (await quickInput(page).isVisible()) throw error;
    return false;
  }
}

/** Whether the palette with this text has gone, or made way for another list, within the time that it may take. */
async function leftPalette(page: Page, typed: string): Promise<boolean> {
  const input = quickInput(page);
  const limit = Date.now() + PALETTE_LIMIT_MS;
  while ((await input.isVisible()) && (await input.inputValue()) === typed) {
    if (Date.now() > limit) return false;
    await page.waitForTimeout(50);
  }
  return true;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * The text of a status bar entry, without its icon.
 *
 * @param id as the extension names it; the workbench puts the extension's own id before it
 * @throws Error of Playwright's when there is none
 */
export async function statusBarText(page: Page, id: string): Promise<string> {
  const entry = page.locator(`.statusbar-item[id="${id}"], .statusbar-item[id$=".${id}"]`).first();
  await entry.waitFor();
  return ((await entry.textContent()) ?? '').replaceAll('\u00a0', ' ').trim();
}

/** Writes `test/e2e/screenshots/NAME.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
