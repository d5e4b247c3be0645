/** Files as text. */
import * as vscode from 'vscode';

/** A text file's content as it is on disk; undefined for what is none, is gone or is larger. */
export async function readTextFile(uri: vscode.Uri, maxBytes: number): Promise<string | undefined> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (size > maxBytes || (type & vscode.FileType.File) === 0) return undefined;
    const bytes = await vscode.workspace.fs.readFile(uri);
    // A zero byte is in nearly every binary file and in no text.
    if (bytes.includes(0)) return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A file's text as the editor has it, with changes that are not saved. @throws Error where it cannot be opened */
export const documentText = async (uri: vscode.Uri): Promise<string> =>
  (await vscode.workspace.openTextDocument(uri)).getText();
