import * as vscode from 'vscode';

/** The extension's channel in the output view; the person chooses its level there. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Qwen Coder Local', { log: true });
}
