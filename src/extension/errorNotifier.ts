/** Tells the person about errors, once each. */
import * as vscode from 'vscode';
import type { WireError } from '../inference/errors';
import { COMMANDS, type CommandId } from './commandIds';
import { ACTION_LABELS, errorMessage, RepeatGate, type ErrorAction } from './errorMessages';
import type { Log } from './log';

const COMMAND_OF: Readonly<Record<ErrorAction, CommandId>> = {
  retry: COMMANDS.restartEngine,
  download: COMMANDS.downloadModel,
  'choose-file': COMMANDS.chooseModelFile,
  'show-log': COMMANDS.showLog,
  'open-settings': COMMANDS.openSettings,
};

export class ErrorNotifier {
  readonly #gate = new RepeatGate();

  constructor(private readonly log: Log) {}

  /** Reports trouble that came by itself; the same one only once until something has succeeded. */
  report(error: WireError): void {
    this.#write(error);
    if (errorMessage(error).kind === 'message' && this.#gate.admit(error)) this.#show(error);
  }

  /** Answers something the person has just asked for: always shown, otherwise the click would seem lost. */
  answer(error: WireError): void {
    this.#write(error);
    this.#gate.admit(error);
    this.#show(error);
  }

  /** Something has succeeded: the next failure is news again. */
  succeeded(): void {
    this.#gate.reset();
  }

  #write(error: WireError): void {
    const detail = error.detail === undefined ? '' : ` ${JSON.stringify(error.detail)}`;
    this.log.error(`${error.code}: ${error.message}${detail}`);
  }

  #show(error: WireError): void {
    const message = errorMessage(error);
    if (message.kind === 'silent') return;
    const items = message.actions.map((action) => ({ title: ACTION_LABELS[action], action }));
    const shown =
      message.severity === 'warning'
        ? vscode.window.showWarningMessage(message.text, ...items)
        : vscode.window.showErrorMessage(message.text, ...items);
    void shown.then((chosen) => chosen && vscode.commands.executeCommand(COMMAND_OF[chosen.action]));
  }
}
