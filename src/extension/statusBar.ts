/** The item in the status bar; what it says is decided in `statusView`. */
import * as vscode from 'vscode';
import { COMMANDS } from './commandIds';
import { Disposables, type DisposableLike } from './disposables';
import { statusView, type StatusFacts } from './statusView';

export class StatusBar implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#owned.add(
      vscode.window.createStatusBarItem('qwenCoder.status', vscode.StatusBarAlignment.Right, 100),
    );
    this.#item.name = 'Qwen Coder';
    this.#item.command = COMMANDS.showMenu;
    this.#item.show();
  }

  /** Shows what is the case. */
  update(facts: StatusFacts): void {
    const view = statusView(facts);
    this.#item.text = view.text;
    this.#item.tooltip = tooltipOf(view.tooltip);
    this.#item.accessibilityInformation = { label: view.label, role: 'button' };
    this.#item.backgroundColor =
      view.severity === 'error' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

/** `appendText` escapes: names come from model files. No command links, so the string stays untrusted. */
function tooltipOf(lines: readonly string[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  for (const [index, line] of lines.entries()) {
    if (index > 0) tooltip.appendMarkdown('\n\n');
    tooltip.appendText(line);
  }
  return tooltip;
}
