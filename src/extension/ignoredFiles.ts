/**
 * Which files of the workspace are left alone, for everything that reads files by itself: what Git ignores, what a
 * `.qwenignore` names, what looks secret. Follows the files that say so.
 */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from './disposables';
import { IGNORE_FILES, IgnoreRules, OWN_IGNORE_FILE } from './ignoreRules';
import { Listeners } from './listeners';
import { pathWithin } from './paths';
import { readTextFile } from './textFiles';

/** A longer list of rules is none. */
const MAX_FILE_BYTES = 200_000;

interface FolderRules {
  /** All rules together. */
  readonly all: IgnoreRules;
  /** Those of `.qwenignore` alone. */
  readonly own: IgnoreRules;
}

export class IgnoredFiles implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #changed = this.#owned.add(new Listeners<void>());
  #folders: ReadonlyMap<string, FolderRules> = new Map();
  /** When each file of rules that was seen was last changed, by its URI. */
  readonly #seen = new Map<string, number | undefined>();
  #loading: Promise<void>;
  #loaded = false;
  #stale = false;

  constructor() {
    const pattern = `**/{${IGNORE_FILES.join(',')}}`;
    const watcher = this.#owned.add(vscode.workspace.createFileSystemWatcher(pattern));
    const reload = (): void => this.#reload();
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete])
      this.#owned.add(event(reload));
    // A watcher may take seconds to notice what was saved here.
    this.#owned.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (IGNORE_FILES.some((name) => uri.path.endsWith(`/${name}`))) reload();
      }),
    );
    this.#owned.add(vscode.workspace.onDidChangeWorkspaceFolders(reload));
    this.#loading = this.#load();
  }

  /** Calls back when rules may have changed. */
  readonly onChange = this.#changed.listen;

  /** Before this the rules have not been read. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Resolves when the rules have been read as they are now. */
  ready(): Promise<void> {
    return this.#loading;
  }

  /**
   * Has the rules that hold for these files read again where they have changed and no watcher has noticed it yet: that
   * may take seconds, and what they keep private must not be shown meanwhile.
   */
  async catchUp(uris: readonly vscode.Uri[]): Promise<void> {
    await this.ready();
    const places = new Map(uris.flatMap(rulePlaces).map((uri) => [uri.toString(), uri]));
    const times = await Promise.all([...places.values()].map(changeTime));
    const changed = [...places.keys()].filter((key, at) => this.#seen.get(key) !== times[at]);
    if (changed.length === 0) return;
    this.#reload();
    await this.ready();
    // A place that no search finds, one that the editor's settings exclude for example, is looked at but once.
    [...places.keys()].forEach((key, at) => this.#seen.set(key, times[at]));
  }

  /** Whether a file is to be left alone by what reads files unasked; outside of every folder only secrets are. */
  ignores(uri: vscode.Uri): boolean {
    return this.#matches(uri, 'all');
  }

  /** Whether a `.qwenignore` names the file that a document belongs to, so that nothing is suggested in it. */
  silences(uri: vscode.Uri): boolean {
    return this.#matches(uri, 'own');
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #matches(uri: vscode.Uri, which: keyof FolderRules): boolean {
    const file = fileOf(uri);
    const folder = vscode.workspace.getWorkspaceFolder(file);
    const rules = folder === undefined ? OUTSIDE : this.#folders.get(folder.uri.toString());
    const path = folder === undefined ? file.path.replace(/^\/+/, '') : pathWithin(folder.uri, file);
    return path !== '' && (rules ?? OUTSIDE)[which].ignores(path);
  }

  /** One reading at a time; what changes meanwhile is read again after it. */
  #reload(): void {
    if (this.#stale) return;
    this.#stale = true;
    this.#loading = this.#loading.then(() => this.#load());
  }

  async #load(): Promise<void> {
    this.#stale = false;
    const folders = new Map<string, FolderRules>();
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      folders.set(uri.toString(), { all: new IgnoreRules(), own: new IgnoreRules([]) });
    }
    for (const name of IGNORE_FILES) {
      const found = await vscode.workspace.findFiles(`**/${name}`, '**/node_modules/**');
      // Before they are read: what changes between is read once more.
      const times = await Promise.all(found.map(changeTime));
      found.forEach((uri, at) => this.#seen.set(uri.toString(), times[at]));
      const texts = await Promise.all(found.map((uri) => readTextFile(uri, MAX_FILE_BYTES)));
      found.forEach((uri, at) => {
        const folder = vscode.workspace.getWorkspaceFolder(uri);
        const rules = folder && folders.get(folder.uri.toString());
        if (folder === undefined || rules === undefined) return;
        const within = pathWithin(folder.uri, uri).slice(0, -name.length).replace(/\/$/, '');
        rules.all.add(within, texts[at] ?? '');
        if (name === OWN_IGNORE_FILE) rules.own.add(within, texts[at] ?? '');
      });
    }
    this.#folders = folders;
    this.#loaded = true;
    this.#changed.fire();
  }
}

const OUTSIDE: FolderRules = { all: new IgnoreRules(), own: new IgnoreRules([]) };

/** Where rules for a file may stand: beside it and in every folder above it, up to the workspace's. */
function rulePlaces(uri: vscode.Uri): vscode.Uri[] {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const path = folder === undefined ? '' : pathWithin(folder.uri, uri);
  const names = path.split('/');
  if (folder === undefined || path === '' || names.includes('node_modules')) return [];
  return names.flatMap((_, depth) =>
    IGNORE_FILES.map((name) => vscode.Uri.joinPath(folder.uri, ...names.slice(0, depth), name)),
  );
}

/** In milliseconds since 1970; undefined where there is no file. */
async function changeTime(uri: vscode.Uri): Promise<number | undefined> {
  try {
    return (await vscode.workspace.fs.stat(uri)).mtime;
  } catch {
    return undefined;
  }
}

/** A notebook's cells are documents of their own, with the notebook's file behind them. */
function fileOf(uri: vscode.Uri): vscode.Uri {
  if (uri.scheme !== 'vscode-notebook-cell') return uri;
  const notebook = vscode.workspace.notebookDocuments.find((one) => one.uri.path === uri.path);
  return notebook?.uri ?? uri;
}
