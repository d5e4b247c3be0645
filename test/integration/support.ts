/** The extension in its host, driven as the editor drives it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CompletionOutcome } from '../../src/completion/outcome';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import type { ServiceStatus } from '../../src/extension/engineService';

const POLL_MS = 10;

/** Activates the extension and gives its test interface. */
export async function activate(): Promise<QwenCoderTestApi> {
  const extension = vscode.extensions.getExtension<QwenCoderTestApi>('qwen-coder-local.qwen-coder-local');
  assert.ok(extension);
  return extension.activate();
}

/** Polls until the condition holds. @throws Error after the limit, with what was last seen */
export async function until<T>(
  what: string,
  probe: () => T | undefined,
  limitMs: number,
  seen: () => unknown = () => '',
): Promise<T> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const found = probe();
    if (found !== undefined) return found;
    if (Date.now() > limit)
      throw new Error(`${what} did not come in ${limitMs} ms; ${JSON.stringify(seen())}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the engine is in one of the states. */
export function engineState<S extends ServiceStatus['state']>(
  api: QwenCoderTestApi,
  states: readonly S[],
  limitMs = 90_000,
): Promise<ServiceStatus> {
  const status = () => api.engineStatus();
  return until(
    states.join(' or '),
    () => ((states as readonly string[]).includes(status().state) ? status() : undefined),
    limitMs,
    status,
  );
}

/** A file of its own in an editor, the cursor at the end. */
export class OpenDocument {
  private constructor(
    readonly editor: vscode.TextEditor,
    private readonly folder: string,
  ) {}

  static async open(name: string, text: string): Promise<OpenDocument> {
    const folder = await mkdtemp(join(tmpdir(), 'qwen-coder-document-'));
    const path = join(folder, name);
    await writeFile(path, text);
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
    const opened = new OpenDocument(editor, folder);
    opened.moveToEnd();
    return opened;
  }

  get text(): string {
    return this.editor.document.getText();
  }

  moveToEnd(): void {
    const end = this.editor.document.lineAt(this.editor.document.lineCount - 1).range.end;
    this.editor.selection = new vscode.Selection(end, end);
  }

  /** Types as the keyboard does, so that providers are asked. */
  async type(text: string): Promise<void> {
    await vscode.commands.executeCommand('type', { text });
  }

  /** Replaces everything; the cursor goes to the end. */
  async replaceAll(text: string): Promise<void> {
    const { document } = this.editor;
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    assert.ok(await this.editor.edit((edit) => edit.replace(all, text)));
    this.moveToEnd();
  }

  async close(): Promise<void> {
    await vscode.commands.executeCommand('workbench.action.files.save');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Asks for a suggestion as the trigger key does, and waits for its outcome. */
export async function trigger(api: QwenCoderTestApi, limitMs = 90_000): Promise<CompletionOutcome> {
  const before = api.lastOutcome();
  await vscode.commands.executeCommand('qwenCoder.trigger');
  return outcomeAfter(api, before, limitMs);
}

/** The next outcome that is not an interruption. */
export function outcomeAfter(
  api: QwenCoderTestApi,
  before: CompletionOutcome | undefined,
  limitMs = 90_000,
): Promise<CompletionOutcome> {
  const settled = (): CompletionOutcome | undefined => {
    const outcome = api.lastOutcome();
    if (outcome === undefined || outcome === before) return undefined;
    const interrupted =
      outcome.kind === 'none' && (outcome.reason === 'superseded' || outcome.reason === 'cancelled');
    return interrupted ? undefined : outcome;
  };
  return until('an outcome', settled, limitMs, () => [api.lastOutcome(), api.engineStatus()]);
}

/** A setting of the extension, set for everything; undefined puts the default back. */
export async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('qwenCoder').update(name, value, vscode.ConfigurationTarget.Global);
}

/** The extension with its engine loaded, and a first suggestion made. */
export async function activateWarm(): Promise<QwenCoderTestApi> {
  const api = await activate();
  const warm = await OpenDocument.open('warm.py', 'def add(a, b):\n    return ');
  await trigger(api);
  await engineState(api, ['ready']);
  await warm.close();
  return api;
}
