/** Tells the person about errors, once each. */
import * as vscode from 'vscode';
import type { WireError } from '../inference/errors';
import { COMMANDS, type CommandId } from './commandIds';
import { ACTION_LABELS, errorMessage, RepeatGate, type ErrorAction } from './errorMessages';
import type { Log } from './log';

export interface ErrorNotifierDeps {
  readonly log: Log;
  /** Whether the exact variant is set already, so that there is no use in offering it. */
  readonly isExact: () => boolean;
  readonly useExact: () => unknown;
}

export class ErrorNotifier {
  readonly #gate = new RepeatGate();

  constructor(private readonly deps: ErrorNotifierDeps) {}

  /** Reports trouble that came by itself; the same one only once until something has succeeded. */
  report(error: WireError): void {
    this.#write(error);
    if (errorMessage(error).kind === 'message' && this.#gate.admit(error)) this.#show(error);
  }

  /**
   * Answers something the person has just asked for: always shown, otherwise the click would seem lost.
   *
   * @param instead ways out that are to be replaced by others
   */
  answer(error: WireError, instead: Partial<Record<ErrorAction, ErrorAction>> = {}): void {
    this.#write(error);
    this.#gate.admit(error);
    this.#show(error, instead);
  }

  /** Tells something that is no failure now. */
  warn(text: string, actions: readonly ErrorAction[]): void {
    this.#offer('warning', text, actions);
  }

  /** Something has succeeded: the next failure is news again. */
  succeeded(): void {
    this.#gate.reset();
  }

  #write(error: WireError): void {
    const detail = error.detail === undefined ? '' : ` ${JSON.stringify(error.detail)}`;
    this.deps.log.error(`${error.code}: ${error.message}${detail}`);
  }

  #show(error: WireError, instead: Partial<Record<ErrorAction, ErrorAction>> = {}): void {
    const message = errorMessage(error);
    if (message.kind === 'silent') return;
    const actions = message.actions.map((action) => instead[action] ?? action);
    this.#offer(message.severity, message.text, actions);
  }

  #offer(severity: 'warning' | 'error', text: string, offered: readonly ErrorAction[]): void {
    const actions = new Set(offered);
    if (this.deps.isExact()) actions.delete('use-exact');
    const items = [...actions].map((action) => ({ title: ACTION_LABELS[action], action }));
    const shown =
      severity === 'warning'
        ? vscode.window.showWarningMessage(text, ...items)
        : vscode.window.showErrorMessage(text, ...items);
    void shown.then((chosen) => chosen && this.run(chosen.action));
  }

  /** Goes a way out that was offered. */
  run(action: ErrorAction): unknown {
    const run = (command: CommandId) => vscode.commands.executeCommand(command);
    switch (action) {
      case 'retry':
        return run(COMMANDS.restartEngine);
      case 'download':
        return run(COMMANDS.downloadModel);
      case 'choose-file':
        return run(COMMANDS.chooseModelFile);
      case 'models':
        return run(COMMANDS.models);
      case 'show-log':
        return run(COMMANDS.showLog);
      case 'open-settings':
        return run(COMMANDS.openSettings);
      case 'use-exact':
        return this.deps.useExact();
    }
  }
}
