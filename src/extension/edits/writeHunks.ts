/** Writes hunks into a document or a new file: one `WorkspaceEdit`, one undo step. */
import * as vscode from 'vscode';
import type { Hunk } from './hunks';

/**
 * Applies hunks to an open document whose text they are of.
 *
 * @returns false where the editor refused, as it does when the document changes in between
 */
export async function writeHunks(document: vscode.TextDocument, hunks: readonly Hunk[]): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  for (const hunk of hunks) {
    const { range, text } = replacement(document, hunk);
    edit.replace(document.uri, range, text);
  }
  return vscode.workspace.applyEdit(edit);
}

/** Creates a file with a text; never over one that is there. */
export async function writeNewFile(uri: vscode.Uri, text: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { overwrite: false, ignoreIfExists: false, contents: Buffer.from(text, 'utf8') });
  return vscode.workspace.applyEdit(edit);
}

/** Whole lines, so that the line ends around them are the document's own. */
function replacement(
  document: vscode.TextDocument,
  { start, removed, added }: Hunk,
): { range: vscode.Range; text: string } {
  const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const text = added.join(eol);
  const last = document.lineCount - 1;
  const endOf = (line: number): vscode.Position => document.lineAt(line).range.end;
  if (removed.length > 0 && added.length > 0) {
    return {
      range: new vscode.Range(new vscode.Position(start, 0), endOf(start + removed.length - 1)),
      text,
    };
  }
  if (removed.length === 0) {
    if (start <= last) return { range: new vscode.Range(start, 0, start, 0), text: text + eol };
    return { range: new vscode.Range(endOf(last), endOf(last)), text: eol + text };
  }
  const after = start + removed.length;
  if (after <= last) return { range: new vscode.Range(start, 0, after, 0), text: '' };
  const from = start > 0 ? endOf(start - 1) : new vscode.Position(0, 0);
  return { range: new vscode.Range(from, endOf(last)), text: '' };
}
