/** What fetches, chooses and lists models, connected. */
import * as vscode from 'vscode';
import type { ModelStore } from '../inference/store/modelStore';
import { Disposables, type DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import type { ErrorNotifier } from './errorNotifier';
import { ModelDownloads } from './modelDownloads';
import { ModelSetup, type ModelSetupDeps } from './modelSetup';
import { ModelsPicker } from './modelsPicker';
import { proxyOptions } from './proxySettings';
import type { Settings } from './settings';
import type { SpeedMemory } from './speedMemory';

export interface ModelPartsDeps {
  readonly store: ModelStore;
  readonly dirs: ModelSetupDeps['dirs'];
  readonly settings: Settings;
  readonly engines: EngineService;
  readonly errors: ErrorNotifier;
  readonly speeds: SpeedMemory;
  readonly globalState: vscode.Memento;
}

export interface ModelParts extends DisposableLike {
  readonly downloads: ModelDownloads;
  readonly setup: ModelSetup;
  readonly models: ModelsPicker;
}

export function makeModelParts(deps: ModelPartsDeps): ModelParts {
  const { store, dirs, settings, engines, errors, speeds, globalState } = deps;
  const owned = new Disposables();
  const downloads = owned.add(
    new ModelDownloads({
      store,
      endpoint: () => settings.values.hubEndpoint,
      proxy: () => proxyOptions((key) => vscode.workspace.getConfiguration('http').get(key), process.env),
      globalState,
    }),
  );
  const onModel = (): void => {
    engines.reload('another model file');
    // The first load converts the weights: better now than at the first keystroke.
    engines.warmUp();
  };
  const setup = owned.add(new ModelSetup({ dirs, downloads, settings, globalState, errors, onModel }));
  const speedOf = (name: string) => speeds.of(name);
  const models = owned.add(new ModelsPicker({ store, downloads, setup, settings, engines, errors, speedOf }));
  return { downloads, setup, models, dispose: () => owned.dispose() };
}
