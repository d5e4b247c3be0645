/** The workspace's files for `@workspace`: read when it is first asked for, and kept up to date from then on. */
import * as vscode from 'vscode';
import type { ContextItem } from '../../assist/context/contextItem';
import { WorkspaceSearch } from '../../assist/context/workspaceSearch';
import { Disposables, type DisposableLike } from '../disposables';
import { pathOf, pathWithin } from '../paths';
import { readTextFile } from '../textFiles';
import { IGNORE_FILES, IgnoreRules } from '../ignoreRules';

/** So many files at most, of so many bytes each: more would cost memory and seconds. */
const MAX_FILES = 4000;
const MAX_FILE_BYTES = 200_000;
/** Read at a time. */
const BATCH = 16;
/** Pieces given to a question. */
const PIECES = 6;

export class WorkspaceIndex implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #search = new WorkspaceSearch();
  readonly #rules = new Map<string, IgnoreRules>();
  #built: Promise<void> | undefined;

  /** Pieces of files that fit a question, the best first. */
  async find(question: string): Promise<readonly ContextItem[]> {
    await (this.#built ??= this.#build());
    return this.#search.find(question, PIECES);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #build(): Promise<void> {
    await this.#readRules();
    const files = (await vscode.workspace.findFiles('**/*', undefined, MAX_FILES)).filter((uri) =>
      this.#wanted(uri),
    );
    for (let at = 0; at < files.length; at += BATCH) {
      await Promise.all(files.slice(at, at + BATCH).map((uri) => this.#read(uri)));
    }
    this.#follow();
  }

  async #readRules(): Promise<void> {
    for (const name of IGNORE_FILES) {
      for (const uri of await vscode.workspace.findFiles(`**/${name}`, '**/node_modules/**')) {
        const folder = vscode.workspace.getWorkspaceFolder(uri);
        if (folder === undefined) continue;
        const path = pathWithin(folder.uri, uri);
        const text = await readTextFile(uri, MAX_FILE_BYTES);
        if (text !== undefined)
          this.#rulesOf(folder).add(path.slice(0, -name.length).replace(/\/$/, ''), text);
      }
    }
  }

  #rulesOf(folder: vscode.WorkspaceFolder): IgnoreRules {
    const key = folder.uri.toString();
    const rules = this.#rules.get(key) ?? new IgnoreRules();
    this.#rules.set(key, rules);
    return rules;
  }

  #wanted(uri: vscode.Uri): boolean {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder !== undefined && !this.#rulesOf(folder).ignores(pathWithin(folder.uri, uri));
  }

  async #read(uri: vscode.Uri): Promise<void> {
    const path = pathOf(uri);
    const text = await readTextFile(uri, MAX_FILE_BYTES);
    if (text === undefined) this.#search.delete(path);
    else this.#search.set({ path, text });
  }

  /** From now on, each change of a file is one of the index; unsaved ones count when they are saved. */
  #follow(): void {
    const watcher = this.#owned.add(vscode.workspace.createFileSystemWatcher('**/*'));
    const changed = (uri: vscode.Uri): void => {
      const hasRoom = this.#search.files < MAX_FILES || this.#search.has(pathOf(uri));
      if (hasRoom && this.#wanted(uri)) void this.#read(uri);
    };
    this.#owned.add(watcher.onDidChange(changed));
    this.#owned.add(watcher.onDidCreate(changed));
    this.#owned.add(watcher.onDidDelete((uri) => this.#search.delete(pathOf(uri))));
  }
}
