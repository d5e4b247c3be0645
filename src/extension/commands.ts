/** What the command palette, the key and the status bar menu call. */
import * as vscode from 'vscode';
import type { SuggestionLength } from '../completion/completer';
import { COMMANDS, type CommandId } from './commandIds';
import { Disposables } from './disposables';
import type { EngineService } from './engineService';
import type { ErrorNotifier } from './errorNotifier';
import type { Log } from './log';
import type { ModelSetup } from './modelSetup';
import type { Settings } from './settings';
import { isModelMissing, statusMenu, type StatusFacts } from './statusView';

export interface CommandDeps {
  readonly settings: Settings;
  readonly engines: EngineService;
  readonly setup: ModelSetup;
  readonly errors: ErrorNotifier;
  readonly log: Log;
  readonly facts: () => StatusFacts;
  readonly showEngineStatus: () => Promise<void>;
  readonly showModels: () => Promise<void>;
  /** Asks for a suggestion at the cursor, also where the editor has been answered before. */
  readonly ask: (length: SuggestionLength) => Promise<void>;
  readonly extensionId: string;
}

/** Registers every command; the returned owner takes them back. */
export function registerCommands(deps: CommandDeps): Disposables {
  const { settings, engines, setup, errors, log, facts, showEngineStatus, showModels, ask, extensionId } =
    deps;
  const owned = new Disposables();
  const register = (id: CommandId, run: () => unknown): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  const switchLanguage = async (on: boolean): Promise<void> => {
    const language = vscode.window.activeTextEditor?.document.languageId;
    if (language !== undefined) await settings.setLanguage(language, on);
  };
  const trigger = async (length: SuggestionLength): Promise<void> => {
    if (settings.values.enable && isModelMissing(engines.status)) await setup.ask();
    else await ask(length);
  };
  register(COMMANDS.trigger, () => trigger('auto'));
  register(COMMANDS.suggestLine, () => trigger('line'));
  register(COMMANDS.suggestBlock, () => trigger('block'));
  register(COMMANDS.suggestMore, () => trigger('more'));
  register(COMMANDS.enable, () => settings.setEnabled(true));
  register(COMMANDS.disable, () => settings.setEnabled(false));
  register(COMMANDS.enableLanguage, () => switchLanguage(true));
  register(COMMANDS.disableLanguage, () => switchLanguage(false));
  register(COMMANDS.showEngineStatus, () => showEngineStatus());
  register(COMMANDS.showLog, () => log.show());
  register(COMMANDS.openSettings, () =>
    vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`),
  );
  register(COMMANDS.restartEngine, () => {
    errors.succeeded();
    engines.reload('asked for');
    engines.warmUp();
  });
  register(COMMANDS.models, () => showModels());
  register(COMMANDS.downloadModel, () => setup.download());
  register(COMMANDS.chooseModelFile, () => setup.chooseFile());
  register(COMMANDS.showMenu, async () => {
    const now = facts();
    if (now.enabled && isModelMissing(now.engine) && now.downloadFraction === undefined) {
      await setup.ask();
      return;
    }
    const chosen = await vscode.window.showQuickPick(statusMenu(now), { title: 'Qwen Coder' });
    if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
  });
  return owned;
}
