/** The small part of the built-in Git extension's public interface that is used here. */
import * as vscode from 'vscode';

export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  /** Unified diff of what is staged, or of the working tree. */
  diff(cached?: boolean): Promise<string>;
}

interface GitApi {
  readonly repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
}

interface GitExports {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/**
 * The repository of a source-control view, else of the active editor, else the only one.
 *
 * @param view what the editor hands to a command of `scm/title`
 * @returns undefined where Git is switched off or there is no repository
 */
export async function findRepository(view?: unknown): Promise<GitRepository | undefined> {
  const extension = vscode.extensions.getExtension<GitExports>('vscode.git');
  const exports = await extension?.activate();
  const api = exports?.enabled === true ? exports.getAPI(1) : undefined;
  const { rootUri } = (view ?? {}) as { readonly rootUri?: vscode.Uri };
  const near = rootUri ?? vscode.window.activeTextEditor?.document.uri;
  return (near && api?.getRepository(near)) ?? api?.repositories[0];
}

/** As `findRepository`; where there is none, the person is told. */
export async function gitRepository(view?: unknown): Promise<GitRepository | undefined> {
  const found = await findRepository(view);
  if (found === undefined) void vscode.window.showInformationMessage('There is no Git repository here.');
  return found;
}

/** What would be committed: what is staged, else all changes of tracked files. */
export async function changesOf(repository: GitRepository): Promise<string> {
  const staged = await repository.diff(true);
  return staged.trim() === '' ? repository.diff(false) : staged;
}
