/** Where answers in words go: a rendered document of its own, or whatever else shows Markdown as it comes. */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from '../disposables';

export interface AnswerStream {
  /** Replaces what has come so far, in Markdown. */
  update(markdown: string): void;
  end(): void;
}

export interface AnswerSink {
  /** Opens an answer for the person to see. */
  begin(title: string): Promise<AnswerStream>;
}

export const ANSWER_SCHEME = 'qwen-coder-answer';
/** Pieces that come in quick succession are shown together, in milliseconds. */
const SETTLE_MS = 150;
/** Answers that can be gone back to. */
const KEPT = 20;

export class AnswerDocuments implements AnswerSink, DisposableLike, vscode.TextDocumentContentProvider {
  readonly #owned = new Disposables();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #texts = new Map<string, string>();
  #last = 0;

  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(ANSWER_SCHEME, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.query) ?? '';
  }

  /** Text of the answer that was begun last. */
  get lastText(): string {
    return this.#texts.get(String(this.#last)) ?? '';
  }

  async begin(title: string): Promise<AnswerStream> {
    const id = String(++this.#last);
    this.#texts.set(id, '…');
    this.#texts.delete(String(this.#last - KEPT));
    const path = `${title.replace(/[\\/?#]/g, ' ')}.md`;
    const uri = vscode.Uri.from({ scheme: ANSWER_SCHEME, path, query: id });
    await show(uri);
    let pending: NodeJS.Timeout | undefined;
    const fire = (): void => {
      pending = undefined;
      this.#changed.fire(uri);
    };
    return {
      update: (markdown) => {
        this.#texts.set(id, markdown);
        pending ??= setTimeout(fire, SETTLE_MS);
      },
      end: () => {
        clearTimeout(pending);
        fire();
      },
    };
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

/** Rendered where the editor's Markdown support is switched on, else as text. */
async function show(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  } catch {
    await vscode.window.showTextDocument(uri, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }
}
