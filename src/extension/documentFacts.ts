/** What of a document decides whether it is served. */
import type * as vscode from 'vscode';
import type { LineAround } from './requestGate';

/** The cursor's line before and behind it. */
export function lineAround(document: vscode.TextDocument, { line, character }: vscode.Position): LineAround {
  const { text } = document.lineAt(line);
  return { before: text.slice(0, character), behind: text.slice(character) };
}

/** Length in UTF-16 units without a copy of the text. */
export function lengthOf(document: vscode.TextDocument): number {
  return document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
}
