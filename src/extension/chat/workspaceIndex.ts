/** The workspace's files for `@workspace`: read when it is first asked for, and kept up to date from then on. */
import * as vscode from 'vscode';
import type { ContextItem } from '../../assist/context/contextItem';
import { WorkspaceSearch } from '../../assist/context/workspaceSearch';
import { Disposables, type DisposableLike } from '../disposables';
import type { IgnoredFiles } from '../ignoredFiles';
import { pathOf } from '../paths';
import { readTextFile } from '../textFiles';

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
  /** Files that are in the index, by path. */
  readonly #files = new Map<string, vscode.Uri>();
  #built: Promise<void> | undefined;

  constructor(private readonly ignored: IgnoredFiles) {}

  /** Pieces of files that fit a question, the best first. */
  async find(question: string): Promise<readonly ContextItem[]> {
    await (this.#built ??= this.#build());
    return this.#search.find(question, PIECES);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #build(): Promise<void> {
    await this.#readNew();
    this.#follow();
  }

  /** Reads the files that are wanted and not known yet. */
  async #readNew(): Promise<void> {
    await this.ignored.ready();
    const files = (await vscode.workspace.findFiles('**/*', undefined, MAX_FILES)).filter(
      (uri) => this.#wanted(uri) && !this.#search.has(pathOf(uri)),
    );
    for (let at = 0; at < files.length; at += BATCH) {
      await Promise.all(files.slice(at, at + BATCH).map((uri) => this.#read(uri)));
    }
  }

  #wanted(uri: vscode.Uri): boolean {
    return vscode.workspace.getWorkspaceFolder(uri) !== undefined && !this.ignored.ignores(uri);
  }

  async #read(uri: vscode.Uri): Promise<void> {
    const path = pathOf(uri);
    const text = await readTextFile(uri, MAX_FILE_BYTES);
    // It may have been named in a `.qwenignore` while it was read.
    if (text === undefined || !this.#wanted(uri)) this.#delete(uri);
    else {
      this.#search.set({ path, text });
      this.#files.set(path, uri);
    }
  }

  #delete(uri: vscode.Uri): void {
    this.#search.delete(pathOf(uri));
    this.#files.delete(pathOf(uri));
  }

  /** Other rules: what is ignored now goes at once, what is not any more is read before the next answer. */
  #rulesChanged(): void {
    for (const uri of [...this.#files.values()]) if (!this.#wanted(uri)) this.#delete(uri);
    this.#built = Promise.resolve(this.#built).then(() => this.#readNew());
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
    this.#owned.add(watcher.onDidDelete((uri) => this.#delete(uri)));
    this.#owned.add(this.ignored.onChange(() => this.#rulesChanged()));
  }
}
