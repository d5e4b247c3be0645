/** What one test file works with: a workspace, an editor with the packaged extension on it, and a browser. */
import type { Page } from 'playwright-core';
import { sharedConvertedDir } from '../../support/sharedStorage';
import { takeUncleanEnds } from '../../../src/inference/store/sessionMarker';
import {
  makeWorkspace,
  openBrowser,
  openFile,
  productVsix,
  startEditorServer,
  type Browser,
  type EditorServer,
  type Workspace,
} from './editor';
import { untilStatus } from './workbench';

/** Nothing but ghost text: the editor's own lists would hide it. */
export const ONLY_GHOST_TEXT: Readonly<Record<string, unknown>> = {
  'editor.wordBasedSuggestions': 'off',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
};

/** What is rather wrong than right comes too: most tests here are about what is done with a suggestion. */
const WHATEVER_COMES: Readonly<Record<string, unknown>> = { 'qwenCoder.minProbability': 0.25 };

export interface SessionOptions {
  /** Contents by path relative to the workspace. */
  readonly files: Readonly<Record<string, string>>;
  /** Folders that the workspace has from elsewhere, by name: an installed `node_modules`. */
  readonly links?: Readonly<Record<string, string>>;
  /** User settings on top of those above; undefined stands for what the extension is shipped with. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** VSIX files of other extensions that are there too. */
  readonly others?: readonly string[];
  /** Ask whether the workspace is to be trusted. Default: it is. */
  readonly workspaceTrust?: boolean;
}

export interface Session {
  readonly workspace: Workspace;
  readonly server: EditorServer;
  readonly browser: Browser;
  readonly page: Page;
  /** Opens a file, cursor at its end, and waits until the extension is active. */
  open(name: string): Promise<void>;
  /** Ends all there is and removes it from the disk. */
  close(): Promise<void>;
}

/** Starts editor and browser; what was started is ended again where a later part does not start. */
export async function startSession(all: SessionOptions): Promise<Session> {
  const { files, links, settings, others = [], ...options } = all;
  const workspace = makeWorkspace(files, links);
  let server: EditorServer | undefined;
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server?.stop();
    // It kills the extension host, which is not to count as a crash in the storage that all share.
    await takeUncleanEnds(sharedConvertedDir());
    workspace.remove();
  };
  try {
    server = await startEditorServer({
      vsix: [productVsix(), ...others],
      // The test driver keeps notifications from popping up.
      driver: false,
      settings: { ...ONLY_GHOST_TEXT, ...WHATEVER_COMES, ...settings },
      ...options,
    });
    browser = await openBrowser();
    const { page } = browser;
    const started = server;
    return {
      workspace,
      server,
      browser,
      page,
      open: async (name) => {
        await openFile(page, started, workspace, name);
        await untilStatus(page, () => true);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
