/**
 * What the person notices: keeps the status bar true, tells errors once, says why a request brought nothing, and
 * keeps the engine in step with the settings.
 */
import * as vscode from 'vscode';
import type { WireError } from '../inference/errors';
import { Disposables, type DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import type { ErrorNotifier } from './errorNotifier';
import type { AnsweredRequest, InlineProvider } from './inlineProvider';
import { needsOtherEngine } from './modelPlan';
import type { ModelDownloads } from './modelDownloads';
import type { ModelSetup } from './modelSetup';
import { isCodeScheme, reasonInWords } from './requestGate';
import type { Settings } from './settings';
import { isLanguageOn, type SettingValues } from './settingValues';
import { StatusBar } from './statusBar';
import { isModelMissing, type StatusFacts } from './statusView';

/** How long the status bar says why an explicit request brought nothing, in milliseconds. */
const REASON_SHOWN_MS = 5000;

export interface PresenceDeps {
  readonly engines: EngineService;
  readonly settings: Settings;
  readonly setup: ModelSetup;
  readonly downloads: ModelDownloads;
  readonly errors: ErrorNotifier;
  readonly provider: InlineProvider;
}

export class Presence implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #bar = this.#owned.add(new StatusBar());
  #lastRequest: string | undefined;
  #reasonShown: vscode.Disposable | undefined;

  constructor(private readonly deps: PresenceDeps) {
    const { engines, settings, downloads, provider } = deps;
    const refresh = (): void => this.#bar.update(this.facts());
    const listeners = [
      engines.onStatus((status) => {
        refresh();
        if (status.state === 'failed') this.#tell(status.error);
      }),
      settings.onChange(({ before, after }) => {
        this.#follow(before, after);
        refresh();
      }),
      provider.onAnswered((request) => {
        this.#answered(request);
        refresh();
      }),
      downloads.onProgress(refresh),
      vscode.window.onDidChangeActiveTextEditor(refresh),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('editor.inlineSuggest.enabled')) refresh();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        // Another window may have downloaded the weights meanwhile.
        if (focused && isModelMissing(engines.status)) void engines.check();
      }),
    ];
    for (const listener of listeners) this.#owned.add(listener);
    refresh();
  }

  /** What is the case now. */
  facts(): StatusFacts {
    const { engines, settings, downloads } = this.deps;
    const editor = vscode.workspace.getConfiguration('editor');
    return {
      engine: engines.status,
      downloadFraction: downloads.fraction,
      enabled: settings.values.enable,
      language: activeLanguage(settings),
      ghostTextShown: editor.get<boolean>('inlineSuggest.enabled') ?? true,
      lastRequest: this.#lastRequest,
      pace: this.deps.provider.pace,
    };
  }

  dispose(): void {
    this.#reasonShown?.dispose();
    this.#owned.dispose();
  }

  #answered({ trigger, document, answer }: AnsweredRequest): void {
    this.#reasonShown?.dispose();
    this.#reasonShown = undefined;
    if (answer.kind === 'suggestion') {
      this.#lastRequest = 'a suggestion';
      // Only a suggestion proves that an error is over: a load that succeeds may be followed by the same failure.
      this.deps.errors.succeeded();
      return;
    }
    if (answer.reason === 'engine-failed') this.#tell(answer.error.toWire());
    const words = reasonInWords(answer, document.languageId);
    if (words === undefined) return;
    this.#lastRequest = `no suggestion, ${words}`;
    if (trigger === 'explicit') {
      this.#reasonShown = vscode.window.setStatusBarMessage(
        `Qwen Coder: ${this.#lastRequest}`,
        REASON_SHOWN_MS,
      );
    }
  }

  #follow(before: SettingValues, after: SettingValues): void {
    const { engines, setup } = this.deps;
    if (needsOtherEngine(before, after)) {
      engines.reload('other settings');
      void engines.check();
    }
    if (!before.enable && after.enable && isModelMissing(engines.status)) void setup.askOnce();
  }

  /**
   * Weights that were never there are asked for once per installation; everything else is told once, a file of the
   * person's own that has gone included.
   */
  #tell(error: WireError): void {
    const { errors, settings, setup } = this.deps;
    if (error.code !== 'model-missing' || settings.values.modelPath !== '') errors.report(error);
    else if (settings.values.enable) void setup.askOnce();
  }
}

function activeLanguage(settings: Settings): StatusFacts['language'] {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !isCodeScheme(document.uri.scheme)) return undefined;
  const { languages } = settings.valuesFor(document);
  return { id: document.languageId, on: isLanguageOn(languages, document.languageId) };
}
