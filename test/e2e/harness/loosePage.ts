/** The chat's page alone in a browser, with this side played by a test: what it does with any message. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { chatPage } from '../../../src/extension/chat/chatPage';
import type { FromPage, ShownState, ShownTurn, ToPage } from '../../../src/assist/chat/messages';

const ORIGIN = 'https://chat.test';
/** Stands in for the editor's side, and notes what must never happen. */
const STUB = `
  window.said = [];
  window.violations = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.said.push(message),
    getState: () => undefined,
    setState: () => undefined,
  });
  window.executed = 0;
  window.xss = () => window.executed++;
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
`;

export interface LoosePage {
  readonly page: Page;
  /** Addresses that the page asked for beyond its own files. */
  readonly requests: readonly string[];
  tell(message: ToPage): Promise<void>;
  said(): Promise<readonly FromPage[]>;
  /** Calls of the function that hostile texts try to call, and what the policy had to stop. */
  executed(): Promise<number>;
}

export async function openLoosePage(page: Page): Promise<LoosePage> {
  const requests: string[] = [];
  const html = chatPage({
    scriptUri: `${ORIGIN}/chat.js`,
    styleUri: `${ORIGIN}/chatStyle.css`,
    cspSource: ORIGIN,
    nonce: 'test-nonce',
  });
  const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
    [`${ORIGIN}/`]: ['text/html', html],
    [`${ORIGIN}/chat.js`]: ['text/javascript', readFileSync('dist/chat.js', 'utf8')],
    [`${ORIGIN}/chatStyle.css`]: ['text/css', readFileSync('dist/chatStyle.css', 'utf8')],
  };
  await page.route('**/*', (route) => {
    const url = route.request().url();
    const file = files[url];
    if (file === undefined) {
      requests.push(url);
      return route.abort();
    }
    return route.fulfill({ contentType: file[0], body: file[1] });
  });
  await page.addInitScript(STUB);
  await page.goto(`${ORIGIN}/`);
  await page.locator('.composer .input').waitFor();
  return {
    page,
    requests,
    tell: (message) => page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`),
    said: () => page.evaluate<readonly FromPage[]>('window.said'),
    executed: () => page.evaluate<number>('window.executed'),
  };
}

export const shownTurn = (answer: string, change: Partial<ShownTurn> = {}): ShownTurn => ({
  id: 't1',
  question: 'A question',
  context: [],
  answer,
  state: 'done',
  notes: [],
  stats: undefined,
  ...change,
});

export const shownState = (turns: ShownTurn[], change: Partial<ShownState> = {}): ShownState => ({
  conversation: 'c1',
  title: 'A chat',
  turns,
  forgotten: 0,
  context: [],
  model: 'A model',
  used: undefined,
  busy: false,
  mayWrite: true,
  ...change,
});
