/**
 * Keeps the context of the document that is written in up to date: at calm moments only (another file, a save, a
 * pause), so that prompts begin alike from keystroke to keystroke.
 */
import * as vscode from 'vscode';
import type { Syntax } from '../../assist/syntax/syntax';
import {
  ContextKeeper,
  type ContextProvider,
  type PlacedChunk,
  type PromptContext,
} from '../../completion/context/contextKeeper';
import type { DocumentSnapshot } from '../../completion/snapshot';
import type { CompletionWindow } from '../../completion/window';
import { Disposables, type DisposableLike } from '../disposables';
import { lengthOf } from '../documentFacts';
import type { IgnoredFiles } from '../ignoredFiles';
import { gateReason, isCodeScheme, type DocumentFacts } from '../requestGate';
import type { SettingValues } from '../settingValues';
import { ContextCollector } from './contextCollector';

/** After so long without a key somebody reads or thinks. */
const IDLE_MS = 1500;
/** Opening a file comes as several events. */
const SETTLED_MS = 30;

export interface EditorContextDeps {
  readonly syntax: Syntax;
  readonly ignored: IgnoredFiles;
  readonly settings: (document: vscode.TextDocument) => SettingValues;
  readonly onSettings: (listener: () => void) => DisposableLike;
  /** One line for each choice; never text of a document. */
  readonly log: (line: string) => void;
}

export class EditorContext implements ContextProvider, DisposableLike {
  readonly keeper = new ContextKeeper();
  readonly #owned = new Disposables();
  readonly #collector: ContextCollector;
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;
  #running: Promise<void> | undefined;
  #disposed = false;
  #lastGiven: PromptContext | undefined;

  constructor(private readonly deps: EditorContextDeps) {
    const { syntax, ignored, onSettings } = deps;
    const soon = (): void => this.#schedule(SETTLED_MS);
    const whenIdle = (): void => this.#schedule(IDLE_MS);
    this.#collector = this.#owned.add(new ContextCollector({ syntax, ignored, onLate: whenIdle }));
    const isActive = (document: vscode.TextDocument): boolean =>
      document === vscode.window.activeTextEditor?.document;
    this.#owned.add(vscode.window.onDidChangeActiveTextEditor(soon));
    this.#owned.add(vscode.workspace.onDidSaveTextDocument(soon));
    this.#owned.add(vscode.window.tabGroups.onDidChangeTabs(whenIdle));
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => isActive(document) && whenIdle()),
    );
    this.#owned.add(
      vscode.window.onDidChangeTextEditorSelection(
        ({ textEditor }) => isActive(textEditor.document) && whenIdle(),
      ),
    );
    this.#owned.add(onSettings(soon));
    this.#owned.add(
      ignored.onChange(() => {
        // Not at the next calm moment but now: somebody has just said that a file is private.
        this.#collector.forget();
        this.keeper.dropFiles((uri) => !this.#collector.allows(uri));
        soon();
      }),
    );
    soon();
  }

  /** What the prompts of a document show. */
  chunks(document: vscode.TextDocument): readonly PlacedChunk[] {
    return this.keeper.chunks(document.uri.toString());
  }

  /** What tells why there may be none. */
  factsOf(document: vscode.TextDocument): { readonly silenced: boolean; readonly inWorkspace: boolean } {
    return {
      silenced: this.deps.ignored.silences(document.uri),
      inWorkspace: mayHaveContext(document),
    };
  }

  /** What the last request of the completer had before its window. */
  get lastGiven(): PromptContext | undefined {
    return this.#lastGiven;
  }

  contextFor(
    snapshot: DocumentSnapshot,
    window: CompletionWindow,
    maxTokens: number,
  ): PromptContext | undefined {
    this.#lastGiven = this.keeper.contextFor(snapshot, window, maxTokens);
    return this.#lastGiven;
  }

  /** What stands before the window in prompts at a place. */
  promptAt(document: vscode.TextDocument, offset: number, maxTokens: number): PromptContext | undefined {
    const { uri, languageId, version } = document;
    const snapshot = { uri: uri.toString(), languageId, version, text: document.getText(), offset };
    return this.keeper.contextFor(snapshot, { start: offset, end: offset }, maxTokens);
  }

  /** Chooses anew for the active document, now. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isSoon = false;
    await this.#running;
    this.#running = this.#refresh().catch((error: unknown) => {
      this.deps.log(`context: failed, ${error instanceof Error ? error.message : String(error)}`);
    });
    await this.#running;
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#owned.dispose();
  }

  /** The last event says when; what is to come soon is not put off by keys. */
  #schedule(ms: number): void {
    if (this.#disposed || (ms > SETTLED_MS && this.#isSoon)) return;
    clearTimeout(this.#timer);
    this.#isSoon = ms <= SETTLED_MS;
    this.#timer = setTimeout(() => void this.refresh(), ms);
  }

  async #refresh(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || this.#disposed) return;
    const { document } = editor;
    const settings = this.deps.settings(document);
    const uri = document.uri.toString();
    await this.deps.ignored.ready();
    if (
      !mayHaveContext(document) ||
      settings.maxContextTokens === 0 ||
      gateReason(settings, this.#gateFacts(document)) !== undefined
    ) {
      this.keeper.forget(uri);
      return;
    }
    const { version } = document;
    const known = this.chunks(document);
    const input = await this.#collector.collect(
      document,
      document.offsetAt(editor.selection.active),
      settings,
    );
    // Somebody began to type meanwhile: it is no calm moment any more, unless nothing is known yet.
    if (document.version !== version && known.length > 0) {
      this.#schedule(IDLE_MS);
      return;
    }
    const chosen = this.keeper.refresh(input);
    const tokens = chosen.reduce((sum, one) => sum + one.tokens, 0);
    this.deps.log(`context: ${chosen.length} chunks, ${tokens} tokens (${sourcesOf(chosen)})`);
  }

  #gateFacts(document: vscode.TextDocument): DocumentFacts {
    const { uri, languageId } = document;
    const length = lengthOf(document);
    return {
      scheme: uri.scheme,
      languageId,
      length,
      ignored: this.deps.ignored.silences(uri),
      readOnly: false,
    };
  }
}

/** Documents of a folder that is open, and new ones: a file from elsewhere has nothing to do with the workspace. */
function mayHaveContext({ uri, isUntitled }: vscode.TextDocument): boolean {
  if (!isCodeScheme(uri.scheme)) return false;
  return (
    isUntitled ||
    uri.scheme === 'vscode-notebook-cell' ||
    vscode.workspace.getWorkspaceFolder(uri) !== undefined
  );
}

const sourcesOf = (chunks: readonly PlacedChunk[]): string =>
  chunks.map(({ chunk, pinned }) => `${chunk.source}${pinned ? ' pinned' : ''}`).join(', ') || 'none';
