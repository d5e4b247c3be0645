/**
 * Records what llama.vscode sends to llama.cpp's server while somebody types in a real editor, for the tests that hold
 * the benchmark's imitation of it against the real one.
 *
 * usage: node scripts/record-llama-vscode.mjs --extension FOLDER [--out FILE]
 *   --extension FOLDER  its sources (https://github.com/ggml-org/llama.vscode) with what its own bundling makes
 *   --out FILE          default: test/fixtures/llamaVscode/recording.json
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readArguments } from './lib/arguments.mjs';
import { openBrowser } from './lib/browser.mjs';
import { inCheckout } from './lib/checkout.mjs';
import { editorUrl, remoteUri, startEditorServer } from './lib/editorServer.mjs';
import { ensureChromium } from './lib/ensureChromium.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureEditorHost } from './lib/ensureEditorHost.mjs';
import { LOOPBACK } from './lib/loopback.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { ANSWERS, FILES, OPEN_BEFORE, STEPS } from './llamaVscode/scenario.mjs';

/** Nothing comes of itself any more when nothing has come for so long. */
const SETTLED_MS = 1000;
/** It takes its context over one piece a second, once nobody has typed for three. */
const QUIET_MS = 8000;
const WORKBENCH_LIMIT_MS = 90_000;
/** What the fixture has instead of temporary folders. */
const FOLDER = '/project';
/** It writes its own settings at its start, and takes the file that is saved thereby as context. */
const EDITOR_SETTINGS = /"[^"]*\/(settings\.json)"/g;

/** So that text is as it is typed, and nothing else is asked or shown. */
const SETTINGS = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.trimAutoWhitespace': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.wordBasedSuggestions': 'off',
  'editor.insertSpaces': true,
  'editor.detectIndentation': false,
  'llama-vscode.ask_install_llamacpp': false,
  'llama-vscode.rag_enabled': false,
};

await runMain(async () => {
  const { extension, out } = readArguments(process.argv.slice(2), { values: ['extension', 'out'] });
  if (extension === undefined) throw new ProvisionError('--extension is needed.');
  await ensureDependencies();
  await ensureEditorHost();
  await ensureChromium();
  const { version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  const steps = await record(resolve(extension));
  const file =
    out === undefined ? inCheckout('test', 'fixtures', 'llamaVscode', 'recording.json') : resolve(out);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ version, files: FILES, steps }, null, 1)}\n`);
  console.log(
    `${steps.flatMap(({ requests }) => requests).length} requests in ${steps.length} steps: ${file}`,
  );
  return 0;
});

async function record(extension) {
  const workspace = mkdtempSync(join(tmpdir(), 'qwen-coder-workspace-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(workspace, name), text);
  const recorder = await startRecorder(workspace);
  const settings = { ...SETTINGS, 'llama-vscode.endpoint': recorder.address };
  const server = await startEditorServer({ settings });
  const browser = await openBrowser();
  try {
    const { page } = browser;
    const development = ['extensionDevelopmentPath', remoteUri(server, extension)];
    const open = ['openFile', remoteUri(server, join(workspace, OPEN_BEFORE))];
    await page.goto(editorUrl(server, workspace, [development, open]));
    return await untilActive(page)
      .then(() => playSteps(page, recorder))
      .catch(async (error) => {
        const picture = join(tmpdir(), 'record-llama-vscode.png');
        await page.screenshot({ path: picture });
        console.error(`How the editor looked: ${picture}`);
        throw error;
      });
  } finally {
    await browser.close();
    await server.stop();
    recorder.close();
    rmSync(workspace, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Its item in the status bar says that it listens; at its first start it explains itself in a tab. */
async function untilActive(page) {
  const item = page.locator('.statusbar-item', { hasText: /llama/i }).first();
  await item.waitFor({ timeout: WORKBENCH_LIMIT_MS });
  await page.locator('.tab.active', { hasText: 'Information' }).waitFor({ timeout: WORKBENCH_LIMIT_MS });
  await sleep(SETTLED_MS);
}

async function playSteps(page, recorder) {
  const steps = [];
  for (const [index, step] of STEPS.entries()) {
    if (step.do === 'open') {
      await pickFile(page, step.file);
    } else if (step.do === 'place') {
      await placeCursor(page, step);
    } else if (step.do === 'key') {
      await page.keyboard.press(step.key === ' ' ? 'Space' : step.key);
    } else {
      await sleep(QUIET_MS);
    }
    await recorder.settled();
    const requests = recorder.take();
    console.log(`  ${index + 1}/${STEPS.length} ${JSON.stringify(step)}: ${requests.length} requests`);
    steps.push({ ...step, ...(step.do === 'key' && { ghost: await ghostOf(page) }), requests });
  }
  return steps;
}

async function pickFile(page, name) {
  await page.keyboard.press('Control+P');
  await page.keyboard.type(name);
  await page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${name}"]`).waitFor();
  await page.keyboard.press('Enter');
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  await sleep(SETTLED_MS);
}

async function placeCursor(page, { line, column }) {
  await page.keyboard.press('Control+G');
  await page.keyboard.type(`${line + 1}:${column + 1}`);
  await page.keyboard.press('Enter');
  await sleep(SETTLED_MS / 2);
}

/** The ghost text as it is to be seen; nothing where there is none. */
async function ghostOf(page) {
  const lines = await page.evaluate(`(() => {
    const textOf = (nodes) => [...nodes].map((node) => node.textContent).join('');
    const editor = document.querySelector('.editor-instance');
    const further = [...editor.querySelectorAll('.suggest-preview-text .view-line')];
    return [editor.querySelectorAll('.ghost-text-decoration'), ...further.map((line) => line.querySelectorAll('.ghost-text'))].map(textOf);
  })()`);
  return lines.join('\n').replaceAll('\u00a0', ' ');
}

async function startRecorder(workspace) {
  let requests = [];
  let last = Date.now();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url !== '/infill') {
        response.end('{"status":"ok"}');
        return;
      }
      last = Date.now();
      const body = JSON.parse(text.replaceAll(workspace, FOLDER).replace(EDITOR_SETTINGS, '"/$1"'));
      const answer = answerTo(body);
      requests.push({ body, answer });
      response.end(JSON.stringify(answer));
    });
  }).listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    address: `http://${LOOPBACK}:${server.address().port}`,
    settled: async () => {
      const from = Date.now();
      while (Date.now() - Math.max(from, last) < SETTLED_MS) await sleep(50);
    },
    take: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    close: () => server.close(),
  };
}

/** As the server answers: a list where several completions are asked for. */
function answerTo({ input_prefix, prompt, n_predict, n_cmpl = 1 }) {
  if (n_predict === 0) return { content: '' };
  const before = input_prefix + prompt;
  const [, contents] = ANSWERS.find(([end]) => before.endsWith(end));
  const all = Array.from({ length: n_cmpl }, (_, at) => ({
    index: at,
    content: contents[at] ?? contents.at(-1),
  }));
  return n_cmpl === 1 ? all[0] : all;
}
