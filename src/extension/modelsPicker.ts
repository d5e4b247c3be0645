/** The *Models* pick: which models there are, and what can be done with each. */
import { totalmem } from 'node:os';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { EngineError, isAborted } from '../inference/errors';
import type { CatalogueModel } from '../inference/store/catalogue';
import type { ModelEntry, ModelStore } from '../inference/store/modelStore';
import type { DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import type { ErrorNotifier } from './errorNotifier';
import { withFileProgress, type ModelDownloads } from './modelDownloads';
import type { ModelSetup } from './modelSetup';
import {
  actionRow,
  deletionQuestion,
  modelActions,
  modelRow,
  type MachineFacts,
  type ModelAction,
  type ModelFacts,
} from './modelsView';
import type { Speed } from './requestSpeeds';
import type { Settings } from './settings';
import { completionModel } from './settingValues';
import { bytes } from './units';

const CHOOSE_FILE = '$(folder-opened) Choose a GGUF File…';

export interface ModelsPickerDeps {
  readonly store: ModelStore;
  readonly downloads: ModelDownloads;
  readonly setup: ModelSetup;
  readonly settings: Settings;
  readonly engines: EngineService;
  readonly errors: ErrorNotifier;
  /** As measured on this machine; undefined where it has not been. */
  readonly speedOf: (modelName: string) => Speed | undefined;
}

interface ModelItem extends vscode.QuickPickItem {
  readonly id?: string;
}

/** What a row is recognised by after a change: labels of models tell their state. */
const keyOf = (item: ModelItem | undefined): string | undefined => item?.id ?? item?.label;

export class ModelsPicker implements DisposableLike {
  readonly #ending = new AbortController();

  constructor(private readonly deps: ModelsPickerDeps) {}

  /** Ends a check that is running. */
  dispose(): void {
    this.#ending.abort();
  }

  /** Shows the models, then what can be done with the chosen one, until the person has done something or leaves. */
  async show(): Promise<void> {
    const chosen = await this.#chooseModel();
    if (chosen === undefined) return;
    if (chosen.id === undefined) {
      await this.deps.setup.chooseFile();
      return;
    }
    const facts = await this.#facts(chosen.id);
    const actions = modelActions(facts).map((action) => ({ ...actionRow(action, facts), action }));
    const picked = await vscode.window.showQuickPick(actions, { title: facts.entry.model.name });
    if (picked !== undefined) await this.#do(picked.action, facts);
  }

  /** The list follows downloads while it is open. */
  async #chooseModel(): Promise<ModelItem | undefined> {
    const pick = vscode.window.createQuickPick<ModelItem>();
    pick.title = 'Qwen Coder: Models';
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    const refresh = async (): Promise<void> => {
      const items = await this.#items();
      const active = keyOf(pick.activeItems[0]);
      pick.keepScrollPosition = true;
      pick.items = items;
      const same = items.filter((item) => keyOf(item) === active);
      if (same.length > 0) pick.activeItems = same;
    };
    pick.busy = true;
    pick.show();
    const listener = this.deps.downloads.onProgress(() => void refresh());
    try {
      await refresh();
      pick.busy = false;
      return await new Promise<ModelItem | undefined>((resolve) => {
        pick.onDidAccept(() => resolve(pick.selectedItems[0]));
        pick.onDidHide(() => resolve(undefined));
      });
    } finally {
      listener.dispose();
      pick.dispose();
    }
  }

  async #items(): Promise<ModelItem[]> {
    const machine = this.#machine();
    const entries = await this.deps.store.list();
    return [
      ...entries.map((entry) => ({ ...modelRow(this.#factsOf(entry), machine), id: entry.model.id })),
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      {
        label: CHOOSE_FILE,
        description: this.#ownFile(),
        detail: 'A model of the Qwen2 family that you have on this machine, for suggestions.',
      },
    ];
  }

  #ownFile(): string {
    const { modelPath } = this.deps.settings.values;
    return modelPath === '' ? '' : `${basename(modelPath)}, chosen for suggestions`;
  }

  async #facts(id: string): Promise<ModelFacts> {
    return this.#factsOf(await this.deps.store.entry(id));
  }

  #factsOf(entry: ModelEntry): ModelFacts {
    const { settings, downloads, speedOf } = this.deps;
    const { id, name } = entry.model;
    const { values } = settings;
    const forCompletion = values.modelPath === '' && completionModel(values).id === id;
    return {
      entry,
      forCompletion,
      forChat: values.chatModel === '' ? forCompletion : values.chatModel === id,
      downloadFraction: downloads.fractionOf(id),
      speed: speedOf(name),
    };
  }

  #machine(): MachineFacts {
    return { variant: this.deps.settings.values.variant, totalMemoryBytes: totalmem() };
  }

  async #do(action: ModelAction, facts: ModelFacts): Promise<void> {
    const { setup, settings, downloads } = this.deps;
    const { model } = facts.entry;
    try {
      switch (action) {
        case 'use-for-completion':
          return await setup.use(model);
        case 'use-for-chat':
          return await settings.setChatModel(model.id);
        case 'download':
        case 'resume':
          return await this.#download(model);
        case 'download-from-url':
          return await this.#downloadFromUrl(model);
        case 'cancel':
          return downloads.cancel(model.id);
        case 'verify':
          return await this.#verify(model);
        case 'delete':
          return await this.#delete(facts);
        case 'licence':
          return void (await vscode.env.openExternal(vscode.Uri.parse(model.licence.url)));
      }
    } catch (error) {
      // The way out of a failed download is this list, not the command that fetches the chosen model.
      if (!isAborted(error))
        this.deps.errors.answer(EngineError.from(error).toWire(), { download: 'models' });
    }
  }

  async #downloadFromUrl(model: CatalogueModel): Promise<void> {
    const url = await vscode.window.showInputBox({
      title: `Download ${model.name}`,
      prompt: 'Address of the GGUF file. What arrives must be the file that the publisher offers.',
      placeHolder: `https://…/${model.hub.file}`,
      ignoreFocusOut: true,
      validateInput: (text) =>
        isHttpUrl(text) ? undefined : 'An address that begins with https:// or http://',
    });
    if (url !== undefined) await this.#download(model, url.trim());
  }

  async #download(model: CatalogueModel, url?: string): Promise<void> {
    const { downloads, setup, settings } = this.deps;
    if (!(await downloads.download(model, url))) return;
    const { values } = settings;
    if (values.modelPath === '' && completionModel(values).id === model.id) {
      await setup.use(model);
      return;
    }
    const choice = await vscode.window.showInformationMessage(
      `${model.name} is there. What is it to be used for?`,
      'Suggestions',
      'Chat',
    );
    if (choice === 'Suggestions') await setup.use(model);
    else if (choice === 'Chat') await settings.setChatModel(model.id);
  }

  async #verify(model: CatalogueModel): Promise<void> {
    const { good } = await withFileProgress(
      `Verifying ${model.name}`,
      this.#ending.signal,
      (signal, onProgress) =>
        this.deps.store.verify(model.id, { isAborted: () => signal.aborted, onProgress }),
    );
    if (good) {
      void vscode.window.showInformationMessage(`${model.name} is the published file, byte for byte.`);
      return;
    }
    const choice = await vscode.window.showErrorMessage(
      `${model.name} is damaged: its SHA-256 is not the published one. It will not be used.`,
      'Download Again',
    );
    if (choice !== undefined) await this.#download(model);
  }

  async #delete(facts: ModelFacts): Promise<void> {
    const { store, engines } = this.deps;
    const { model } = facts.entry;
    const { message, detail } = deletionQuestion(facts);
    const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, 'Delete');
    if (choice === undefined) return;
    if (facts.forCompletion) {
      // Some systems do not delete files that are open.
      engines.reload('its model is deleted');
      await engines.closed();
    }
    const { freedBytes } = await store.remove(model.id);
    void vscode.window.showInformationMessage(
      `${model.name} is deleted; ${bytes(freedBytes)} are free again.`,
    );
    await engines.check();
  }
}

function isHttpUrl(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text.trim()).protocol);
  } catch {
    return false;
  }
}
