/** *Show Engine Status*: a read-only document that follows the engine while it is open. */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from './disposables';
import { STATUS_SCHEME } from './requestGate';

/** Changes that come in quick succession are shown together, in milliseconds. */
const SETTLE_MS = 300;
/** Memory and the time left change by themselves. */
const REFRESH_MS = 10_000;

export class EngineStatusDocument implements DisposableLike, vscode.TextDocumentContentProvider {
  readonly #owned = new Disposables();
  readonly #uri = vscode.Uri.from({ scheme: STATUS_SCHEME, path: 'Qwen Coder Engine Status.md' });
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  #pending: NodeJS.Timeout | undefined;
  readonly #timer = setInterval(() => this.changed(), REFRESH_MS);

  readonly onDidChange = this.#changed.event;

  /** @param report Markdown */
  constructor(private readonly report: () => Promise<string>) {
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(STATUS_SCHEME, this));
  }

  provideTextDocumentContent(): Promise<string> {
    return this.report();
  }

  /** Opens it, rendered where the editor's Markdown support is switched on, else as text. */
  async show(): Promise<void> {
    this.#changed.fire(this.#uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', this.#uri);
    } catch {
      await vscode.window.showTextDocument(this.#uri, { preview: true });
    }
  }

  /** Something in it may have changed. */
  changed(): void {
    const isOpen = vscode.workspace.textDocuments.some(
      ({ uri, isClosed }) => !isClosed && uri.toString() === this.#uri.toString(),
    );
    if (!isOpen || this.#pending !== undefined) return;
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#changed.fire(this.#uri);
    }, SETTLE_MS);
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#pending);
    this.#owned.dispose();
  }
}
