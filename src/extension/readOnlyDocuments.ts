/**
 * Documents that cannot be written to, as far as stable interfaces tell: by their file system, by the permissions of
 * their file, and by the editor's settings. A document that was locked for one session only cannot be told.
 */
import { access, constants } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from './disposables';

/** How long a file's permissions are believed, in milliseconds. */
const BELIEVED_MS = 30_000;
const REMEMBERED_FILES = 200;

export class ReadOnlyDocuments implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #locked = new LRUCache<string, boolean>({ max: REMEMBERED_FILES, ttl: BELIEVED_MS });

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('files')) this.#locked.clear();
      }),
    );
  }

  /** Costs nothing at a keystroke: permissions are looked up in the background, and a file counts as writable before. */
  has(document: vscode.TextDocument): boolean {
    const { uri } = document;
    if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === false) return true;
    if (isReadOnlyBySettings(document)) return true;
    if (document.isUntitled) return false;
    const key = uri.toString();
    const locked = this.#locked.get(key);
    if (locked === undefined) {
      this.#locked.set(key, false);
      void isLocked(uri).then((found) => this.#locked.set(key, found));
    }
    return locked ?? false;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

function isReadOnlyBySettings(document: vscode.TextDocument): boolean {
  const files = vscode.workspace.getConfiguration('files', document.uri);
  const matches = (key: string): boolean =>
    Object.entries(files.get<Record<string, unknown>>(key) ?? {}).some(
      ([glob, on]) => on === true && matchesGlob(document, glob),
    );
  return matches('readonlyInclude') && !matches('readonlyExclude');
}

/** As the editor takes globs in settings: of the whole path, or relative to the workspace folder. */
function matchesGlob(document: vscode.TextDocument, glob: string): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  const patterns = folder === undefined ? [glob] : [glob, new vscode.RelativePattern(folder, glob)];
  return patterns.some((pattern) => vscode.languages.match({ pattern }, document) > 0);
}

/** By the file's own permissions. A file on disk without any for writing is editable unless a setting says otherwise. */
async function isLocked(uri: vscode.Uri): Promise<boolean> {
  try {
    const { permissions = 0 } = await vscode.workspace.fs.stat(uri);
    if ((permissions & vscode.FilePermission.Readonly) !== 0) return true;
    const byPermissions = vscode.workspace.getConfiguration('files', uri).get('readonlyFromPermissions');
    if (uri.scheme !== 'file' || byPermissions !== true) return false;
    return await access(uri.fsPath, constants.W_OK).then(
      () => false,
      () => true,
    );
  } catch {
    // Not there yet, or of a document that is no file.
    return false;
  }
}
