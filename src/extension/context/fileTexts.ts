/** Texts of workspace files that may be shown to the model, as the editor has them, else as they are on disk. */
import { LRUCache } from 'lru-cache';
import * as vscode from 'vscode';
import { toLineFeeds } from '../../completion/endOfLine';
import type { IgnoredFiles } from '../ignoredFiles';
import { isCodeScheme } from '../requestGate';
import { readTextFile } from '../textFiles';

/** Larger files are data or generated. Bytes on disk, UTF-16 units in the editor. */
const MAX_FILE_SIZE = 100_000;
const REMEMBERED_FILES = 100;

export class FileTexts {
  readonly #onDisk = new LRUCache<string, { readonly mtime: number; readonly text: string }>({
    max: REMEMBERED_FILES,
  });

  constructor(private readonly ignored: IgnoredFiles) {}

  /** Whether a file may be shown at all: in the workspace, not ignored, and not secret by its name. */
  allows(uri: vscode.Uri): boolean {
    return (
      isCodeScheme(uri.scheme) &&
      vscode.workspace.getWorkspaceFolder(uri) !== undefined &&
      !this.ignored.ignores(uri)
    );
  }

  /** @returns with LF alone; undefined for what may not be shown, is no text, is gone or is too large */
  async read(uri: vscode.Uri): Promise<string | undefined> {
    if (!this.allows(uri)) return undefined;
    const key = uri.toString();
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
    if (open !== undefined) return sized(open.getText());
    try {
      const { mtime } = await vscode.workspace.fs.stat(uri);
      const known = this.#onDisk.get(key);
      if (known?.mtime === mtime) return known.text;
      const text = await readTextFile(uri, MAX_FILE_SIZE);
      if (text === undefined) return undefined;
      const read = toLineFeeds(text);
      this.#onDisk.set(key, { mtime, text: read });
      return read;
    } catch {
      return undefined;
    }
  }
}

function sized(text: string): string | undefined {
  return text.length <= MAX_FILE_SIZE && !text.includes('\0') ? toLineFeeds(text) : undefined;
}
