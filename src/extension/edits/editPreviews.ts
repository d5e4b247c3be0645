/**
 * Proposed edits: shown as a diff, accepted or rejected as a whole or by hunk. `proposeEdit` is the way in for whoever
 * has a text; `open` for whoever has it piece by piece.
 */
import * as vscode from 'vscode';
import { COMMANDS } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import { documentText } from '../textFiles';
import { EditPreview, type EditOutcome, type EditTarget } from './editPreview';
import type { Hunk } from './hunks';

/** Right side of a diff. */
export const PROPOSED_SCHEME = 'qwen-coder-edit';

export interface EditRequest {
  readonly uri: vscode.Uri;
  /** The whole text of the document as it would be. */
  readonly newText: string;
  readonly title: string;
  /** The text it was made from, where that may not be the present one any more. */
  readonly base?: string;
}

export class EditPreviews implements DisposableLike, vscode.TextDocumentContentProvider {
  readonly #owned = new Disposables();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #previews = new Map<string, EditPreview>();
  #last = 0;

  readonly onDidChange = this.#changed.event;

  constructor() {
    const owned = this.#owned;
    owned.add(vscode.workspace.registerTextDocumentContentProvider(PROPOSED_SCHEME, this));
    const register = (id: string, run: (preview: EditPreview) => unknown): void => {
      owned.add(
        vscode.commands.registerCommand(id, async (uri?: unknown) => {
          const preview = this.#find(uri);
          if (preview !== undefined) await run(preview);
        }),
      );
    };
    register(COMMANDS.acceptEdit, (preview) => preview.accept());
    register(COMMANDS.rejectEdit, (preview) => preview.reject());
    register(COMMANDS.acceptHunk, (preview) => preview.accept(hunkAtCursor(preview)));
    register(COMMANDS.rejectHunk, (preview) => preview.reject(hunkAtCursor(preview)));
    register(COMMANDS.chooseHunks, (preview) => chooseHunks(preview));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#previews.get(uri.query)?.text ?? '';
  }

  /** Proposed edits that are still to be decided on. */
  get open(): readonly EditPreview[] {
    return [...this.#previews.values()];
  }

  /** Shows an edit and waits for the decision. Also for a file that does not exist yet. */
  async proposeEdit({ uri, newText, title, base }: EditRequest): Promise<EditOutcome> {
    const preview = this.begin({ uri, title, base: base ?? (await textOf(uri)) });
    preview.settle(newText);
    await preview.show();
    return preview.outcome;
  }

  /** Begins an edit whose text comes piece by piece; the caller shows, updates and settles it. */
  begin(target: EditTarget): EditPreview {
    const id = String(++this.#last);
    const proposedUri = target.uri.with({ scheme: PROPOSED_SCHEME, authority: '', query: id, fragment: '' });
    const preview = new EditPreview(target, {
      proposedUri,
      emptyUri: proposedUri.with({ query: 'empty' }),
      changed: (uri) => this.#changed.fire(uri),
      ended: () => this.#previews.delete(id),
    });
    this.#previews.set(id, preview);
    return preview;
  }

  dispose(): void {
    for (const preview of [...this.#previews.values()]) preview.dispose();
    this.#owned.dispose();
  }

  /** Of a menu's resource, else of the editor in front. */
  #find(uri: unknown): EditPreview | undefined {
    const given = uri instanceof vscode.Uri && uri.scheme === PROPOSED_SCHEME ? uri : undefined;
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    const shown = input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
    const { query } = given ?? shown ?? { query: '' };
    return this.#previews.get(query);
  }
}

/** @returns undefined where there is no such file */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return await documentText(uri);
  } catch {
    return undefined;
  }
}

function hunkAtCursor(preview: EditPreview): readonly Hunk[] {
  const editor = vscode.window.activeTextEditor;
  const line = editor?.document.uri.scheme === PROPOSED_SCHEME ? editor.selection.active.line : 0;
  const hunk = preview.hunkAt(line);
  return hunk === undefined ? [] : [hunk];
}

async function chooseHunks(preview: EditPreview): Promise<void> {
  const items = preview.hunks.map((hunk) => ({
    label: `Line ${hunk.start + 1}`,
    description: `+${hunk.added.length} −${hunk.removed.length}`,
    detail: (hunk.added.find((line) => line.trim() !== '') ?? hunk.removed[0] ?? '').trim(),
    picked: true,
    hunk,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Changes to Accept; the Others Are Rejected',
    canPickMany: true,
  });
  if (chosen === undefined) return;
  const kept = new Set(chosen.map(({ hunk }) => hunk.start));
  const rejected = preview.hunks.filter(({ start }) => !kept.has(start));
  if (rejected.length > 0) preview.reject(rejected);
  if (chosen.length > 0) await preview.accept();
}
