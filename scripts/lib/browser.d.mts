/** Types of `browser.mjs` for the tests. */
import type { BrowserContext, Page } from 'playwright-core';

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every host that a page asked for, by HTTP or WebSocket. */
  readonly hosts: ReadonlySet<string>;
  /** Closes Chromium and removes its profile. */
  close(): Promise<void>;
}

export function openBrowser(): Promise<Browser>;
