import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import { openBrowser } from './browser.mjs';
import { checkout, inCheckout } from './checkout.mjs';
import { editorUrl, remoteUri, startEditorServer } from './editorServer.mjs';
import { testEnvironment } from './testEnvironment.mjs';

/** For the whole suite, with a conversion of the weights on a small machine in it. */
const SUITE_LIMIT_MS = 20 * 60_000;
const TIMED_OUT = 124;
const HOST_DIED = 70;
/** What the workbench itself logs while it starts and ends, stacks of its own bundle included. */
const WORKBENCH_NOISE =
  /^(Resolv|Creating a socket|Ignoring fetching|\[reconn|\[Service W|\[AgentHost|\[AccountP|Updating add)|\/workbench\/workbench\.js:/;

/**
 * Runs `out/test/integration/index.js` in the extension host of code-server, with the checkout as the extension under
 * development, and shows what it logs.
 * @param {string} resultFile
 * @param {{ grep?: string, verbose?: boolean }} [options]
 * @returns {Promise<number>} the suite's exit code; 124 past the time limit, 70 when the extension host died
 */
export async function runIntegrationSuite(resultFile, { grep, verbose = false } = {}) {
  const workspace = mkdtempSync(join(tmpdir(), 'qwen-coder-workspace-'));
  const server = await startEditorServer();
  try {
    const browser = await openBrowser();
    try {
      const outcome = listen(browser.page, verbose);
      await outcome.ready;
      await browser.page.goto(
        editorUrl(server, workspace, [
          ['extensionDevelopmentPath', remoteUri(server, checkout)],
          ['extensionTestsPath', remoteUri(server, inCheckout('out', 'test', 'integration', 'index.js'))],
          ['extensionEnvironment', JSON.stringify(testEnvironment(resultFile, grep))],
        ]),
      );
      const code = await Promise.race([
        outcome.exit,
        sleep(SUITE_LIMIT_MS, TIMED_OUT, { ref: false }),
        server.exited.then(() => HOST_DIED),
      ]);
      if (code === TIMED_OUT || code === HOST_DIED) await explain(code, server, browser.page);
      return code;
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
    rmSync(workspace, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The workbench calls two functions of the page: one per log line of the suite, one with its exit code. */
function listen(page, verbose) {
  let finish;
  const exit = new Promise((resolve) => (finish = resolve));
  const onLog = (_type, words) => {
    const line = format(...words);
    if (verbose || !WORKBENCH_NOISE.test(line)) console.log(line);
  };
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  page.on('console', (message) => {
    if (/extension host.*(terminated|exited) unexpectedly/i.test(message.text())) finish(HOST_DIED);
  });
  const ready = Promise.all([
    page.exposeFunction('codeAutomationLog', onLog),
    page.exposeFunction('codeAutomationExit', (code) => finish(code)),
  ]);
  return { exit, ready };
}

async function explain(code, server, page) {
  const reason = code === TIMED_OUT ? 'did not end in time' : 'lost its extension host';
  console.error(`The suite ${reason}. End of the server's log:\n${server.readLog().slice(-3000)}`);
  const folder = inCheckout('test', 'e2e', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, 'integration-failure.png') }).catch(() => undefined);
}
