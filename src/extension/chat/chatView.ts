/** The chat view in the side bar: the page, and what it and the editor say to each other. */
import * as vscode from 'vscode';
import { readFromPage, type FromPage, type ToPage } from '../../assist/chat/messages';
import { Disposables, type DisposableLike } from '../disposables';
import { chatPage, newNonce } from './chatPage';
import { themeColours } from './themeColours';

export const CHAT_VIEW = 'qwenCoder.chat';

export interface ChatViewDeps {
  readonly extensionUri: vscode.Uri;
  readonly onMessage: (message: FromPage) => void;
  /** A line for the log; never text of a conversation. */
  readonly log: (line: string) => void;
}

export class ChatView implements vscode.WebviewViewProvider, DisposableLike {
  readonly #owned = new Disposables();
  #view: vscode.WebviewView | undefined;
  /** Said before there was a page to hear it. */
  #waiting: ToPage[] = [];
  #ready = false;

  constructor(private readonly deps: ChatViewDeps) {
    this.#owned.add(vscode.window.onDidChangeActiveColorTheme(() => void this.#sendTheme()));
    this.#owned.add(
      vscode.window.registerWebviewViewProvider(CHAT_VIEW, this, {
        // An answer goes on while the view is hidden, and the reader's place stays.
        webviewOptions: { retainContextWhenHidden: true },
      }),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri } = this.deps;
    this.#view = view;
    this.#ready = false;
    const { webview } = view;
    const media = vscode.Uri.joinPath(extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [media] };
    webview.html = chatPage({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(media, 'chat.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(media, 'chatStyle.css')).toString(),
      cspSource: webview.cspSource,
      nonce: newNonce(),
    });
    webview.onDidReceiveMessage((raw: unknown) => this.#receive(raw));
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
    });
  }

  /** Says something to the page; what comes before it is there waits, the last state only. */
  post(message: ToPage): void {
    if (this.#ready && this.#view !== undefined) {
      void this.#view.webview.postMessage(message);
      return;
    }
    if (message.type === 'state' || message.type === 'context' || message.type === 'text') return;
    this.#waiting.push(message);
  }

  /** Brings the view up and puts the cursor into its input. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
    this.post({ type: 'focus' });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #receive(raw: unknown): void {
    const message = readFromPage(raw);
    if (message === undefined) {
      this.deps.log('chat: a message of the page was refused');
      return;
    }
    if (message.type === 'ready') {
      this.#ready = true;
      void this.#sendTheme();
    }
    this.deps.onMessage(message);
    if (message.type !== 'ready') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) this.post(one);
  }

  async #sendTheme(): Promise<void> {
    this.post({ type: 'theme', colours: await themeColours() });
  }
}
