/** A real editor for one test file: code-server with the packaged extension, and Chromium on it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { editorUrl, remoteUri, type EditorServer } from '../../../scripts/lib/editorServer.mjs';
import { DEBUG_LOG } from './extensionLog';

export { openBrowser, type Browser } from '../../../scripts/lib/browser.mjs';
export {
  editorUrl,
  remoteUri,
  startEditorServer,
  type EditorServer,
  type EditorServerOptions,
} from '../../../scripts/lib/editorServer.mjs';

/** A cold workbench on a loaded two-core machine. */
const WORKBENCH_LIMIT_MS = 90_000;

/** A folder on disk that a test opens. */
export interface Workspace {
  readonly folder: string;
  /** Absolute path of a file in it. */
  path(name: string): string;
  remove(): void;
}

/**
 * Writes files into a fresh temporary folder.
 *
 * @param files contents by path relative to the folder
 * @param links folders that it has from elsewhere, by name
 */
export function makeWorkspace(
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'qwen-coder-workspace-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name), 'junction');
  return {
    folder,
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * Opens a folder with one of its files in the workbench and puts the cursor at the file's end.
 *
 * @param name path of the file relative to the folder
 */
export async function openFile(
  page: Page,
  server: EditorServer,
  workspace: Workspace,
  name: string,
): Promise<void> {
  const payload = [['openFile', remoteUri(server, workspace.path(name))], DEBUG_LOG] as const;
  await page.goto(editorUrl(server, workspace.folder, payload));
  await page
    .locator('.editor-instance .view-lines .view-line')
    .first()
    .waitFor({ timeout: WORKBENCH_LIMIT_MS });
  await page.click('.editor-instance .view-lines');
  await page.keyboard.press('Control+End');
}

/**
 * The VSIX under test: `QWEN_CODER_TEST_VSIX`, which the test runner sets.
 *
 * @throws Error when it is not set
 */
export function productVsix(): string {
  const path = process.env['QWEN_CODER_TEST_VSIX'];
  if (path === undefined) throw new Error('QWEN_CODER_TEST_VSIX is not set: run npm run test:e2e');
  return path;
}
