/** Helps a person to the weights: asks once, downloads, or takes over a file that is already there. */
import * as vscode from 'vscode';
import { EngineError, isAborted } from '../inference/errors';
import { CATALOGUE, type CatalogueModel } from '../inference/store/catalogue';
import { importLocalFile } from '../inference/store/importLocalFile';
import type { DisposableLike } from './disposables';
import type { ErrorNotifier } from './errorNotifier';
import { withFileProgress, type ModelDownloads } from './modelDownloads';
import type { Settings } from './settings';
import { completionModel } from './settingValues';

/** In the editor's global state: the question has been put on this installation. */
const ASKED_KEY = 'qwenCoder.askedForModel';

export interface ModelSetupDeps {
  readonly dirs: { readonly modelsDir: string; readonly convertedDir: string };
  readonly downloads: ModelDownloads;
  readonly settings: Settings;
  readonly globalState: vscode.Memento;
  readonly errors: ErrorNotifier;
  /** Called when the weights that the settings name are in place. */
  readonly onModel: () => void;
}

export class ModelSetup implements DisposableLike {
  readonly #ending = new AbortController();
  #asking: Promise<void> | undefined;

  constructor(private readonly deps: ModelSetupDeps) {}

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

  /** Downloads the model that is chosen for suggestions, and uses it. */
  async download(): Promise<void> {
    const { settings, downloads } = this.deps;
    const model = completionModel(settings.values);
    try {
      if (await downloads.download(model)) await this.use(model);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Takes a model of the catalogue, which is there, for suggestions. */
  async use(model: CatalogueModel): Promise<void> {
    const { settings, errors, onModel } = this.deps;
    await settings.setCompletionModel(model.id);
    await settings.setModelPath('');
    errors.succeeded();
    onModel();
  }

  /** Lets the person choose a GGUF; one that cannot run is refused before anything else happens. */
  async chooseFile(): Promise<void> {
    const { dirs, settings, errors, onModel } = this.deps;
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
      const imported = await withFileProgress(
        'Checking the model file',
        this.#ending.signal,
        (signal, onProgress) =>
          importLocalFile(file.fsPath, { ...dirs, catalogue: CATALOGUE }, { signal, onProgress }),
      );
      if (imported.kind === 'catalogue') {
        await this.use(imported.model);
        return;
      }
      await settings.setModelPath(imported.path);
      errors.succeeded();
      onModel();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Ends a check that is running. */
  dispose(): void {
    this.#ending.abort();
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

  #failed(error: unknown): void {
    if (!isAborted(error)) this.deps.errors.answer(EngineError.from(error).toWire());
  }
}
