/** The person's settings as the editor keeps them. */
import * as vscode from 'vscode';
import type { Variant } from '../inference/engine';
import { DEFAULT_MODEL } from '../inference/store/catalogue';
import { Disposables, type DisposableLike } from './disposables';
import { Listeners } from './listeners';
import { settingValues, type SettingValues } from './settingValues';

const SECTION = 'qwenCoder';

export class Settings implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #changed = this.#owned.add(new Listeners<{ before: SettingValues; after: SettingValues }>());
  #values = read();

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(SECTION)) return;
        const before = this.#values;
        this.#values = read();
        this.#changed.fire({ before, after: this.#values });
      }),
    );
  }

  /** Values outside any document. */
  get values(): SettingValues {
    return this.#values;
  }

  /** Values for a document: folders of a workspace may differ in what is switched on. */
  valuesFor(document: vscode.TextDocument): SettingValues {
    return read(document.uri);
  }

  readonly onChange = this.#changed.listen;

  /** Switches all suggestions on or off, where the switch is set now. */
  async setEnabled(on: boolean): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const found = configuration.inspect<boolean>('enable');
    await configuration.update('enable', on, targetOf(found?.workspaceValue !== undefined));
  }

  /** Switches one language on or off, where that language is set now. */
  async setLanguage(languageId: string, on: boolean): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const found = configuration.inspect<Record<string, boolean>>('languages');
    const inWorkspace = found?.workspaceValue !== undefined && languageId in found.workspaceValue;
    const kept = inWorkspace ? found.workspaceValue : found?.globalValue;
    await configuration.update('languages', { ...kept, [languageId]: on }, targetOf(inWorkspace));
  }

  /** @param characters UTF-16 units that a document may have to be served */
  async setMaxDocumentCharacters(characters: number): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    const found = configuration.inspect<number>('maxDocumentCharacters');
    const target = targetOf(found?.workspaceValue !== undefined);
    await configuration.update('maxDocumentCharacters', characters, target);
  }

  /** @param path absolute; empty for the catalogue's model */
  setModelPath(path: string): Promise<void> {
    return setGlobally('modelPath', path);
  }

  /** @param id of the catalogue; the default model's leaves the setting empty */
  setCompletionModel(id: string): Promise<void> {
    return setGlobally('completionModel', id === DEFAULT_MODEL.id ? '' : id);
  }

  /** @param id of the catalogue; empty for the same model as for suggestions */
  setChatModel(id: string): Promise<void> {
    return setGlobally('chatModel', id);
  }

  setVariant(variant: Variant): Promise<void> {
    return setGlobally('variant', variant);
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

/** An empty value takes the setting away. */
async function setGlobally(key: keyof SettingValues, value: string): Promise<void> {
  await vscode.workspace
    .getConfiguration(SECTION)
    .update(key, value === '' ? undefined : value, vscode.ConfigurationTarget.Global);
}

const targetOf = (inWorkspace: boolean): vscode.ConfigurationTarget =>
  inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;

function read(scope?: vscode.Uri): SettingValues {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  return settingValues((key) => configuration.get(key));
}
