/** Helps a person to the weights: asks once, downloads, or takes over a file that is already there. */
import * as vscode from 'vscode';
import { EngineError, isAborted } from '../inference/errors';
import { CATALOGUE } from '../inference/store/catalogue';
import { importLocalFile } from '../inference/store/importLocalFile';
import type { ModelStore } from '../inference/store/modelStore';
import type { ProxyOptions } from '../inference/store/proxy';
import { abortOnCancel } from './abortOnCancel';
import type { DisposableLike } from './disposables';
import type { ErrorNotifier } from './errorNotifier';
import { Listeners } from './listeners';
import type { Settings } from './settings';
import { completionModel } from './settingValues';

/** In the editor's global state: the question has been put on this installation. */
const ASKED_KEY = 'qwenCoder.askedForModel';

export interface ModelSetupDeps {
  readonly modelsDir: string;
  readonly store: ModelStore;
  /** By the editor's settings as they are now. */
  readonly proxy: () => ProxyOptions | undefined;
  readonly settings: Settings;
  readonly globalState: vscode.Memento;
  readonly errors: ErrorNotifier;
  /** Called when weights are in place. */
  readonly onModel: () => void;
}

export class ModelSetup implements DisposableLike {
  readonly #ending = new AbortController();
  readonly #progress = new Listeners<number | undefined>();
  #downloadFraction: number | undefined;
  #asking: Promise<void> | undefined;
  #downloading: Promise<void> | undefined;

  constructor(private readonly deps: ModelSetupDeps) {}

  /** From 0 to 1 while a download runs. */
  get downloadFraction(): number | undefined {
    return this.#downloadFraction;
  }

  readonly onDownloadProgress = this.#progress.listen;

  /** Asks unless this installation has been asked before. */
  async askOnce(): Promise<void> {
    if (this.deps.globalState.get<boolean>(ASKED_KEY) === true) return;
    await this.deps.globalState.update(ASKED_KEY, true);
    await this.ask();
  }

  /**
   * Asks where the weights shall come from and sees it through. A question that is open, or its download, is not put
   * twice but brought into view: after some seconds the editor hides notifications behind its bell.
   */
  ask(): Promise<void> {
    if (this.#asking !== undefined) void vscode.commands.executeCommand('notifications.showList');
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** Downloads the catalogue's model with a progress notification; one download at a time. */
  download(): Promise<void> {
    this.#downloading ??= this.#download().finally(() => {
      this.#downloading = undefined;
      this.#told(undefined);
    });
    return this.#downloading;
  }

  /** Lets the person choose a GGUF. */
  async chooseFile(): Promise<void> {
    const { modelsDir, settings, errors, onModel } = this.deps;
    const chosen = await vscode.window.showOpenDialog({
      title: 'Choose a Qwen2 Model in GGUF Format',
      openLabel: 'Use Model',
      filters: { 'GGUF models': ['gguf'] },
    });
    const file = chosen?.[0];
    if (file === undefined) return;
    try {
      if (file.scheme !== 'file') {
        throw new EngineError('io', 'The model must be a file on the machine where the extension runs.');
      }
      const imported = await this.#withProgress('Checking the model file', (signal, onProgress) =>
        importLocalFile(file.fsPath, { modelsDir, catalogue: CATALOGUE }, { signal, onProgress }),
      );
      if (imported.kind === 'catalogue') await settings.setCompletionModel(imported.model.id);
      await settings.setModelPath(imported.kind === 'own' ? imported.path : '');
      errors.succeeded();
      onModel();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Ends a download that is running. */
  dispose(): void {
    this.#ending.abort();
    this.#progress.dispose();
  }

  async #ask(): Promise<void> {
    const { values } = this.deps.settings;
    const { name, bytes, licence } = completionModel(values);
    const { modelPath } = values;
    const size = Math.round(bytes / 1e6);
    const why =
      modelPath === '' ? '' : `There is no file at ${modelPath}, which the setting "Model Path" names. `;
    const choice = await vscode.window.showInformationMessage(
      `${why}Download ${name} (${size} MB, ${licence.name})? Qwen Coder needs it once; after that it works offline.`,
      'Download',
      'Choose File',
      'Not Now',
    );
    if (choice === 'Download') await this.download();
    else if (choice === 'Choose File') await this.chooseFile();
  }

  async #download(): Promise<void> {
    const { store, settings, errors, onModel } = this.deps;
    const model = completionModel(settings.values);
    const proxy = this.deps.proxy();
    try {
      this.#told(0);
      await this.#withProgress(`Downloading ${model.name}`, (signal, onProgress) =>
        store.download(model.id, {
          endpoint: settings.values.hubEndpoint,
          ...(proxy && { proxy }),
          signal,
          onProgress: (received, total) => {
            this.#told(received / total);
            onProgress(received, total);
          },
        }),
      );
      await settings.setModelPath('');
      errors.succeeded();
      onModel();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Runs file work under a notification that shows megabytes and can be cancelled. */
  async #withProgress<T>(
    title: string,
    work: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> {
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, token) =>
        abortOnCancel(token, (cancelled) => {
          let shown = 0;
          return work(AbortSignal.any([cancelled, this.#ending.signal]), (done, total) => {
            const percent = Math.floor((100 * done) / total);
            progress.report({
              increment: percent - shown,
              message: `${Math.round(done / 1e6)} of ${Math.round(total / 1e6)} MB`,
            });
            shown = percent;
          });
        }),
    );
  }

  #failed(error: unknown): void {
    if (!isAborted(error)) this.deps.errors.answer(EngineError.from(error).toWire());
  }

  #told(fraction: number | undefined): void {
    this.#downloadFraction = fraction;
    this.#progress.fire(fraction);
  }
}
