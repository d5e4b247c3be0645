/** Read-only documents that a command shows and that follow what they report on while they are open. */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from './disposables';
import type { ReportScheme } from './requestGate';

/** Changes that come in quick succession are shown together, in milliseconds. */
const SETTLE_MS = 300;

export interface Report {
  /** One scheme for each report: the editor takes one provider for each. */
  readonly scheme: ReportScheme;
  /** Shown on the tab. */
  readonly title: string;
  /** Markdown, made when it is wanted. */
  readonly content: () => string | Promise<string>;
  /** How often it is made anew for what changes by itself, in milliseconds; only at `changed` where absent. */
  readonly refreshMs?: number;
}

export class ReportDocument implements DisposableLike, vscode.TextDocumentContentProvider {
  readonly #owned = new Disposables();
  readonly #uri: vscode.Uri;
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  #pending: NodeJS.Timeout | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(private readonly report: Report) {
    const { scheme, title, refreshMs } = report;
    this.#uri = vscode.Uri.from({ scheme, path: `${title}.md` });
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
    this.#timer = refreshMs === undefined ? undefined : setInterval(() => this.changed(), refreshMs);
  }

  provideTextDocumentContent(): string | Promise<string> {
    return this.report.content();
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
