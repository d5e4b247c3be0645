/** Finds what a question names in its text: a file by its path, a symbol by its name, the rest as a chip would. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Mention } from '../../assist/chat/mentions';
import type { ContextSource } from './chatContext';
import { findContext, NOTHING, type ContextFinders } from './contextPicker';
import { fileSource, openText, symbolSource } from './contextSources';
import type { DeclaredSymbols } from './declaredSymbols';

/** @returns undefined where there is no such thing; the person has been told */
export async function findMentioned(
  { kind, name }: Mention,
  finders: ContextFinders,
): Promise<ContextSource | undefined> {
  const found =
    name === undefined
      ? await findContext(kind, false, finders)
      : kind === 'file'
        ? await namedFile(name)
        : await namedSymbol(name, finders.declared);
  if (found === undefined) {
    const why =
      name === undefined
        ? (NOTHING[kind] ?? `There is no ${kind} here.`)
        : `There is no ${kind} ${name} here.`;
    void vscode.window.showWarningMessage(`${why} The question was asked without it.`);
  }
  return found;
}

/** By its path from a workspace folder, else the first file whose path ends so. */
async function namedFile(path: string): Promise<ContextSource | undefined> {
  // Neither up and out of the folder nor anywhere else: a question may have been pasted.
  const inside = posix.normalize(path.replaceAll('\\', '/')).replace(/^\/+/, '');
  if (inside.startsWith('..')) return undefined;
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    const file = vscode.Uri.joinPath(uri, inside);
    if (await isFile(file)) return fileSource(file);
  }
  // Signs that have a meaning in a pattern stand for any one sign.
  const pattern = `**/${inside.replace(/[[\]{}*?!]/g, '?')}`;
  const [found] = await vscode.workspace.findFiles(pattern, undefined, 1);
  return found === undefined ? undefined : fileSource(found);
}

const isFile = (uri: vscode.Uri): Thenable<boolean> =>
  vscode.workspace.fs.stat(uri).then(
    ({ type }) => (type & vscode.FileType.File) !== 0,
    () => false,
  );

/** `total` or `Cart.total`: in the open files, then wherever the language's support finds it. */
async function namedSymbol(name: string, declared: DeclaredSymbols): Promise<ContextSource | undefined> {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const editors =
    activeTextEditor === undefined ? visibleTextEditors : [activeTextEditor, ...visibleTextEditors];
  for (const { document } of editors) {
    const found = await symbolIn(document, last, declared);
    if (found !== undefined) return found;
  }
  const known = await vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
    'vscode.executeWorkspaceSymbolProvider',
    last,
  );
  // A function may be listed with its brackets.
  const match = known?.find((symbol) => symbol.name.replace(/\(.*$/, '') === last);
  const document = match && (await openText(match.location.uri));
  return document && symbolIn(document, last, declared);
}

async function symbolIn(
  document: vscode.TextDocument,
  name: string,
  declared: DeclaredSymbols,
): Promise<ContextSource | undefined> {
  const symbol = (await declared.of(document)).find((one) => one.name.replace(/\(.*$/, '') === name);
  return symbol && symbolSource(document, symbol);
}
