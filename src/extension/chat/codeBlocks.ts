/** What the buttons of a code block do. */
import * as vscode from 'vscode';
import { placeCode } from '../../assist/answer/placeCode';

/** A block of code as an answer has it. */
export interface CodeBlock {
  readonly code: string;
  /** As the fence names it; may be anything. */
  readonly language: string;
}

export async function copyCode({ code }: CodeBlock): Promise<void> {
  await vscode.env.clipboard.writeText(code.replace(/\n$/, ''));
}

/** Puts code in place of the selection, indented as its line is; one undo step. @returns whether that was possible */
export async function insertCode(
  { code }: CodeBlock,
  editor: vscode.TextEditor | undefined,
): Promise<boolean> {
  if (editor === undefined) return false;
  const { document, selection } = editor;
  const before = document.lineAt(selection.start.line).text.slice(0, selection.start.character);
  const indentation = /^\s*/.exec(before)?.[0] ?? '';
  const [first = '', ...others] = code.replace(/\n$/, '').split('\n');
  const lines = [first, ...others.map((line) => (line === '' ? '' : `${indentation}${line}`))];
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, selection, lines.join(eol));
  return vscode.workspace.applyEdit(edit);
}

/** The document of an editor as it would be with the code in its place. */
export function changeOf(
  { code }: CodeBlock,
  { document, selection, options }: vscode.TextEditor,
): { uri: vscode.Uri; newText: string; title: string } {
  const { start, end } = selection;
  const from = start.line;
  const to = selection.isEmpty ? from : end.character === 0 ? end.line : end.line + 1;
  const style = { insertSpaces: options.insertSpaces !== false, tabSize: Number(options.tabSize) || 4 };
  const text = document.getText().replaceAll('\r\n', '\n');
  const { text: newText } = placeCode(text, code, { from, to }, style);
  return { uri: document.uri, newText, title: 'Code of the chat' };
}

/** Opens code as a new file that has no name yet. */
export async function openAsNewFile({ code, language }: CodeBlock): Promise<void> {
  const known = await vscode.languages.getLanguages();
  const id = LANGUAGE_IDS[language.toLowerCase()] ?? language.toLowerCase();
  const document = await vscode.workspace.openTextDocument({
    content: code,
    ...(known.includes(id) ? { language: id } : {}),
  });
  await vscode.window.showTextDocument(document);
}

/** Names that models give to languages, where the editor calls them otherwise. */
const LANGUAGE_IDS: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  jsx: 'javascriptreact',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'shellscript',
  bash: 'shellscript',
  shell: 'shellscript',
  'c++': 'cpp',
  'c#': 'csharp',
  cs: 'csharp',
  yml: 'yaml',
  md: 'markdown',
  golang: 'go',
};
