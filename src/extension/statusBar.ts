/** The item in the status bar; what it says is decided in `statusView`. */
import * as vscode from 'vscode';
import { COMMANDS } from './commandIds';
import { Disposables, type DisposableLike } from './disposables';
import { statusView, type StatusFacts } from './statusView';

/** Work that is over sooner is not shown, in milliseconds: nearly every key brings some, and an item that flickers distracts. */
const SHOWN_AFTER_MS = 250;

export class StatusBar implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #item: vscode.StatusBarItem;
  #facts: StatusFacts | undefined;
  /** Set while the engine works. */
  #soon: NodeJS.Timeout | undefined;
  #showsWork = false;

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
    this.#facts = facts;
    const { engine } = facts;
    if (engine.state !== 'working') {
      this.#forgetWork();
      this.#show(facts);
      return;
    }
    this.#soon ??= setTimeout(() => {
      this.#showsWork = true;
      if (this.#facts !== undefined) this.#show(this.#facts);
    }, SHOWN_AFTER_MS);
    this.#show(this.#showsWork ? facts : { ...facts, engine: { ...engine, state: 'ready' } });
  }

  dispose(): void {
    this.#forgetWork();
    this.#owned.dispose();
  }

  #forgetWork(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#showsWork = false;
  }

  #show(facts: StatusFacts): void {
    const view = statusView(facts);
    this.#item.text = view.text;
    this.#item.tooltip = tooltipOf(view.tooltip);
    this.#item.accessibilityInformation = { label: view.label, role: 'button' };
    this.#item.backgroundColor =
      view.severity === 'error' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
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
