/** Lets a person choose what goes into a question. */
import * as vscode from 'vscode';
import type { ContextKind } from '../../assist/context/contextItem';
import { nameOf, pathOf } from '../paths';
import type { ContextSource } from './chatContext';
import {
  diffSource,
  fileSource,
  problemsSource,
  selectionSource,
  symbolAtCursor,
  symbolSource,
} from './contextSources';
import type { DeclaredSymbols } from './declaredSymbols';

/** Files offered at most; typing narrows what the editor finds. */
const MAX_FILES = 5000;

/** Where context comes from that is no file's. */
export interface ContextFinders {
  readonly workspaceSource: () => ContextSource | undefined;
  readonly declared: DeclaredSymbols;
}

/**
 * Context of a kind. What is unambiguous is taken as it is; files and symbols are chosen from a list.
 *
 * @param ask whether a list may be shown; otherwise what is open or around the cursor is taken
 * @returns undefined where there is none, or the person chose nothing
 */
export async function findContext(
  kind: ContextKind,
  ask: boolean,
  finders: ContextFinders,
): Promise<ContextSource | undefined> {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  const found = await find(kind, ask, editor, finders);
  if (found === undefined && ask && NOTHING[kind] !== undefined) {
    void vscode.window.showInformationMessage(NOTHING[kind]);
  }
  return found;
}

async function find(
  kind: ContextKind,
  ask: boolean,
  editor: vscode.TextEditor | undefined,
  { workspaceSource, declared }: ContextFinders,
): Promise<ContextSource | undefined> {
  switch (kind) {
    case 'selection':
      return selectionSource(editor);
    case 'file':
      if (ask) return pickFile();
      return editor === undefined ? undefined : fileSource(editor.document.uri);
    case 'symbol':
      return ask ? pickSymbol(editor, declared) : symbolAtCursor(editor, declared);
    case 'problems':
      return problemsSource(editor?.document.uri);
    case 'diff':
      return diffSource();
    case 'workspace':
      return workspaceSource();
  }
}

async function pickFile(): Promise<ContextSource | undefined> {
  const open = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .map(({ input }) => (input instanceof vscode.TabInputText ? input.uri : undefined))
    .filter((uri) => uri !== undefined);
  const rows = vscode.workspace.findFiles('**/*', undefined, MAX_FILES).then((found) => {
    const all = new Map([...open, ...found].map((uri) => [uri.toString(), uri]));
    return [...all.values()].map((uri) => {
      const path = pathOf(uri);
      return { label: nameOf(path), description: path, uri };
    });
  });
  const chosen = await vscode.window.showQuickPick(rows, {
    title: 'Add a file to the question',
    matchOnDescription: true,
  });
  return chosen === undefined ? undefined : fileSource(chosen.uri);
}

async function pickSymbol(
  editor: vscode.TextEditor | undefined,
  declared: DeclaredSymbols,
): Promise<ContextSource | undefined> {
  if (editor === undefined) return undefined;
  const { document } = editor;
  const symbols = await declared.of(document);
  if (symbols.length === 0) return undefined;
  const rows = symbols.map((symbol) => ({
    label: symbol.name,
    description: `${vscode.SymbolKind[symbol.kind]}, line ${symbol.range.start.line + 1}`,
    symbol,
  }));
  const chosen = await vscode.window.showQuickPick(rows, { title: 'Add a symbol to the question' });
  return chosen === undefined ? undefined : symbolSource(document, chosen.symbol);
}

/** Why a kind of context is missing. */
export const NOTHING: Readonly<Partial<Record<ContextKind, string>>> = {
  selection: 'Nothing is selected in the editor.',
  problems: 'The editor reports no problems about the open file.',
  diff: 'There are no uncommitted changes, or no Git repository.',
  workspace: 'No folder is open.',
};
