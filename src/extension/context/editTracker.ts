/** Follows what is written, in all documents, and tells what was written lately as it reads now. */
import * as vscode from 'vscode';
import type { ContextChunk } from '../../completion/context/contextChunk';
import type { Lines } from '../../completion/context/contextKeeper';
import { editedChunk, RecentEdits, type EditedHunk } from '../../completion/context/recentEdits';
import { Disposables, type DisposableLike } from '../disposables';
import { pathOf } from '../paths';
import { isCodeScheme } from '../requestGate';
import type { FileTexts } from './fileTexts';

/** A larger change is a file replaced or formatted, and no place where somebody wrote. Lines. */
const MAX_CHANGED_LINES = 100;
/** Files whose edits are shown. */
const MAX_FILES = 4;

export class EditTracker implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #edits = new RecentEdits();

  constructor(private readonly texts: FileTexts) {
    this.#owned.add(vscode.workspace.onDidChangeTextDocument((event) => this.#note(event)));
    this.#owned.add(
      vscode.workspace.onDidDeleteFiles(({ files }) =>
        files.forEach((uri) => this.#edits.forget(uri.toString())),
      ),
    );
  }

  /**
   * One chunk for each file; the newest file first.
   *
   * @param shown lines of the document that is written in that its prompts show anyway
   */
  async chunks(active: vscode.Uri, shown: Lines): Promise<readonly ContextChunk[]> {
    const hunks = outside(this.#edits.hunks(Date.now()), active.toString(), shown);
    const uris = [...new Set(hunks.map(({ uri }) => uri))].slice(0, MAX_FILES);
    const chunks = await Promise.all(
      uris.map(async (key) => {
        const uri = vscode.Uri.parse(key);
        const text = await this.texts.read(uri);
        if (text === undefined) return undefined;
        const own = hunks.filter((hunk) => hunk.uri === key);
        return editedChunk({ uri: key, path: pathOf(uri), text }, own);
      }),
    );
    return chunks.filter((chunk) => chunk !== undefined);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #note({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0 || !isCodeScheme(document.uri.scheme)) return;
    const uri = document.uri.toString();
    // What leaves a document unchanged on disk came from the disk.
    if (!document.isDirty && !document.isUntitled) {
      this.#edits.forget(uri);
      return;
    }
    const now = Date.now();
    for (const { range, text } of contentChanges) {
      const lines = text.split('\n').length;
      if (Math.max(lines, range.end.line - range.start.line) > MAX_CHANGED_LINES) {
        this.#edits.forget(uri);
        return;
      }
      this.#edits.note(uri, { from: range.start.line + 1, to: range.end.line + 1, lines }, now);
    }
  }
}

/** Without those that a document's prompts show; what is left of it lies on one side of them, that of the newest. */
function outside(
  hunks: readonly EditedHunk[],
  active: string,
  { first, last }: Lines,
): readonly EditedHunk[] {
  const shown = ({ from, to }: EditedHunk): boolean => from <= last && to >= first;
  const newest = hunks.find((hunk) => hunk.uri === active && !shown(hunk));
  return hunks.filter(
    (hunk) =>
      hunk.uri !== active ||
      (!shown(hunk) && newest !== undefined && hunk.from < first === newest.from < first),
  );
}
