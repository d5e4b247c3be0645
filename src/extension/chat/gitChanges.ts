/** Uncommitted changes, by the editor's own Git extension. */
import * as vscode from 'vscode';

/** What is used of the interface that `vscode.git` exports (version 1). */
interface GitExtension {
  getAPI(version: 1): {
    readonly repositories: readonly {
      readonly rootUri: vscode.Uri;
      /** Unified diff of the index (`true`) or of the working tree against the index. */
      diff(cached?: boolean): Promise<string>;
    }[];
  };
}

/**
 * The diff of what would be committed, or of the working tree where nothing is staged.
 * @returns undefined where there is no repository, or Git is switched off
 */
export async function uncommittedChanges(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) return undefined;
  try {
    const git = (extension.isActive ? extension.exports : await extension.activate()).getAPI(1);
    const active = vscode.window.activeTextEditor?.document.uri.fsPath;
    const repository =
      git.repositories.find(({ rootUri }) => active?.startsWith(rootUri.fsPath) === true) ??
      git.repositories[0];
    if (repository === undefined) return undefined;
    const staged = await repository.diff(true);
    return staged.trim() === '' ? await repository.diff(false) : staged;
  } catch {
    // The extension throws where Git is switched off by its setting.
    return undefined;
  }
}
