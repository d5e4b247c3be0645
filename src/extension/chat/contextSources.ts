/** Context as the editor has it: files, selections, symbols, problems, changes. */
import * as vscode from 'vscode';
import type { ContextItem } from '../../assist/context/contextItem';
import type { ContextSource } from './chatContext';
import type { DeclaredSymbols } from './declaredSymbols';
import { changesOf, findRepository } from '../assist/gitApi';
import { nameOf, pathOf } from '../paths';

/** A larger file is data, not something to talk about. In bytes. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_PROBLEMS = 50;
/** Code around a problem that is shown with it. */
const PROBLEM_LINES = 2;

/** A file, read when it is needed; unsaved changes count. */
export function fileSource(uri: vscode.Uri): ContextSource {
  const path = pathOf(uri);
  const label = nameOf(path);
  return {
    kind: 'file',
    key: `file ${uri.toString()}`,
    label,
    read: async () => {
      const document = await openText(uri);
      if (document === undefined) return [];
      const { languageId } = document;
      return [{ kind: 'file', label, path, firstLine: 1, languageId, text: document.getText() }];
    },
  };
}

/** The selection of an editor as it is now; undefined where nothing is selected. */
export function selectionSource(editor: vscode.TextEditor | undefined): ContextSource | undefined {
  if (editor === undefined || editor.selection.isEmpty) return undefined;
  const { document, selection } = editor;
  // Whole lines: half a line at either end tells less than it confuses.
  const last = selection.end.character === 0 ? selection.end.line - 1 : selection.end.line;
  const from = selection.start.line;
  const range = new vscode.Range(from, 0, last, document.lineAt(last).text.length);
  const path = pathOf(document.uri);
  const label = `${nameOf(path)}:${from + 1}${last === from ? '' : `–${last + 1}`}`;
  const item: ContextItem = {
    kind: 'selection',
    label,
    path,
    firstLine: from + 1,
    languageId: document.languageId,
    text: document.getText(range),
  };
  const key = `selection ${document.uri.toString()} ${from} ${last}`;
  return { kind: 'selection', key, label, read: () => Promise.resolve([item]) };
}

/** The innermost function, class or the like around the cursor; undefined where the language has no symbols. */
export async function symbolAtCursor(
  editor: vscode.TextEditor | undefined,
  declared: DeclaredSymbols,
): Promise<ContextSource | undefined> {
  if (editor === undefined) return undefined;
  const { document, selection } = editor;
  const symbols = await declared.of(document);
  const around = symbols.filter(
    ({ kind, range }) => DECLARATIONS.has(kind) && range.contains(selection.active),
  );
  const innermost = around.at(-1);
  return innermost === undefined ? undefined : symbolSource(document, innermost);
}

export function symbolSource(document: vscode.TextDocument, symbol: vscode.DocumentSymbol): ContextSource {
  const { name, range } = symbol;
  const path = pathOf(document.uri);
  const text = document.getText(range.with(range.start.with({ character: 0 })));
  const { languageId } = document;
  const item: ContextItem = {
    kind: 'symbol',
    label: name,
    path,
    firstLine: range.start.line + 1,
    languageId,
    text,
  };
  const key = `symbol ${document.uri.toString()} ${name} ${range.start.line}`;
  return { kind: 'symbol', key, label: name, read: () => Promise.resolve([item]) };
}

/** What the editor reports about a file, with the lines concerned; undefined where it reports nothing. */
export function problemsSource(uri: vscode.Uri | undefined): ContextSource | undefined {
  if (uri === undefined || vscode.languages.getDiagnostics(uri).length === 0) return undefined;
  const path = pathOf(uri);
  const label = `Problems in ${nameOf(path)}`;
  return {
    kind: 'problems',
    key: `problems ${uri.toString()}`,
    label,
    read: async () => {
      const document = await openText(uri);
      const problems = vscode.languages.getDiagnostics(uri).slice(0, MAX_PROBLEMS);
      const text = problems.map((problem) => describeProblem(problem, document)).join('\n\n');
      return text === '' ? [] : [{ kind: 'problems', label, path, text }];
    },
  };
}

/** Changes that are not committed; undefined where there are none, or no repository. */
export async function diffSource(): Promise<ContextSource | undefined> {
  if ((await uncommittedChanges()) === '') return undefined;
  const label = 'Uncommitted changes';
  return {
    kind: 'diff',
    key: 'diff',
    label,
    read: async () => {
      const text = await uncommittedChanges();
      return text === '' ? [] : [{ kind: 'diff', label, languageId: 'diff', text }];
    },
  };
}

/** Empty where there are none, or no repository. */
async function uncommittedChanges(): Promise<string> {
  const repository = await findRepository();
  return repository === undefined ? '' : changesOf(repository);
}

/** A document's text; undefined for what is no text, is gone or is too large. */
export async function openText(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open;
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_FILE_BYTES || (type & vscode.FileType.File) === 0) return undefined;
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}

function describeProblem(
  { range, message, severity, source }: vscode.Diagnostic,
  document: vscode.TextDocument | undefined,
): string {
  const line = range.start.line;
  const heading = `${SEVERITIES[severity]} in line ${line + 1}${source === undefined ? '' : ` (${source})`}: ${message}`;
  if (document === undefined || line >= document.lineCount) return heading;
  const first = Math.max(0, line - PROBLEM_LINES);
  const last = Math.min(document.lineCount - 1, range.end.line + PROBLEM_LINES);
  const code = document.getText(new vscode.Range(first, 0, last, document.lineAt(last).text.length));
  return `${heading}\n${code}`;
}

const SEVERITIES: Readonly<Record<vscode.DiagnosticSeverity, string>> = {
  [vscode.DiagnosticSeverity.Error]: 'Error',
  [vscode.DiagnosticSeverity.Warning]: 'Warning',
  [vscode.DiagnosticSeverity.Information]: 'Note',
  [vscode.DiagnosticSeverity.Hint]: 'Hint',
};

const DECLARATIONS: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Enum,
  vscode.SymbolKind.Struct,
]);
