import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './ensureChromium.mjs';
import { ProvisionError } from './provisionError.mjs';

/** Nothing that Chromium does on its own: no GPU, no QUIC, no updates, no sync. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Opens Chromium with a fresh profile, and notes every host that its pages ask for.
 * @returns {Promise<import('./browser.d.mts').Browser>}
 * @throws {ProvisionError} when there is no Chromium
 */
export async function openBrowser() {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new ProvisionError('There is no Chromium.', 'Install it or set CHROMIUM_PATH: npm run provision');
  }
  const { chromium } = await import('playwright-core');
  const profile = mkdtempSync(join(tmpdir(), 'qwen-coder-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
  });
  const hosts = new Set();
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') || protocol.startsWith('ws')) hosts.add(hostname);
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('websocket', (socket) => hosts.add(new URL(socket.url()).hostname));
  return {
    context,
    page,
    hosts,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
