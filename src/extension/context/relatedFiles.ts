/** Files that may hold something similar to what is being written: open, visited, changed since the last commit. */
import * as vscode from 'vscode';
import type { ContextFile, ContextSwitches, FileSource } from '../../completion/context/contextChunk';
import { findRepository } from '../assist/gitApi';
import { Disposables, type DisposableLike } from '../disposables';
import { pathOf } from '../paths';
import type { FileTexts } from './fileTexts';

/** Of each source; more would cost time and distract. */
const MAX_FILES = 20;

export class RelatedFiles implements DisposableLike {
  readonly #owned = new Disposables();
  /** The newest first. */
  #visited: readonly vscode.Uri[] = [];

  constructor(private readonly texts: FileTexts) {
    const visit = (editor: vscode.TextEditor | undefined): void => {
      if (editor === undefined) return;
      const { uri } = editor.document;
      const others = this.#visited.filter((one) => one.toString() !== uri.toString());
      this.#visited = [uri, ...others].slice(0, MAX_FILES);
    };
    this.#owned.add(vscode.window.onDidChangeActiveTextEditor(visit));
    visit(vscode.window.activeTextEditor);
  }

  /** The texts of those whose source is on, each file once. */
  async read(switches: ContextSwitches): Promise<readonly ContextFile[]> {
    const uris: readonly (readonly [FileSource, readonly vscode.Uri[]])[] = [
      ['open', switches.open ? openTabs() : []],
      ['visited', switches.visited ? this.#visited : []],
      ['changed', switches.changed ? await changedFiles() : []],
    ];
    const chosen = new Map<string, { readonly source: FileSource; readonly uri: vscode.Uri }>();
    for (const [source, list] of uris) {
      for (const uri of list.slice(0, MAX_FILES)) {
        const key = uri.toString();
        if (!chosen.has(key)) chosen.set(key, { source, uri });
      }
    }
    const files = await Promise.all(
      [...chosen.values()].map(async ({ source, uri }): Promise<ContextFile[]> => {
        const text = await this.texts.read(uri);
        return text === undefined ? [] : [{ source, uri: uri.toString(), path: pathOf(uri), text }];
      }),
    );
    return files.flat();
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

function openTabs(): readonly vscode.Uri[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => {
      if (input instanceof vscode.TabInputText) return [input.uri];
      return input instanceof vscode.TabInputTextDiff ? [input.modified] : [];
    });
}

async function changedFiles(): Promise<readonly vscode.Uri[]> {
  const repository = await findRepository();
  if (repository === undefined) return [];
  const { workingTreeChanges, indexChanges = [], untrackedChanges = [] } = repository.state;
  return [...workingTreeChanges, ...indexChanges, ...untrackedChanges].map(({ uri }) => uri);
}
