/** The code that a command is about: the selection in whole lines, else the symbol around the cursor. */
import * as vscode from 'vscode';
import type { IndentStyle } from '../../assist/answer/indentation';
import type { CodeSymbol, Syntax } from '../../assist/syntax/syntax';
import { withLineFeeds } from '../edits/hunks';

export interface CodePlace {
  readonly document: vscode.TextDocument;
  readonly languageId: string;
  /** The whole text with line feeds only, and its lines. */
  readonly text: string;
  readonly lines: readonly string[];
  /** First and last line of the code, from 0, both included. */
  readonly startLine: number;
  readonly endLine: number;
  /** Those lines. */
  readonly code: string;
  /** Everything above them. */
  readonly before: string;
  /** Everything below them. */
  readonly after: string;
  readonly style: IndentStyle;
  readonly symbol: CodeSymbol | undefined;
}

/** Lines around a cursor that stands in no symbol. */
const LINES_AROUND = 10;

export class CodePlaces {
  constructor(private readonly syntax: Syntax) {}

  /** @param range lines or a symbol are found from it; default: the editor's selection */
  async at(editor: vscode.TextEditor, range: vscode.Range = editor.selection): Promise<CodePlace> {
    const { document } = editor;
    const { languageId } = document;
    const text = withLineFeeds(document.getText());
    const lines = text.split('\n');
    const offset = offsetOf(lines, range.start);
    const symbol = await this.syntax.symbolAt(text, languageId, offset);
    const [startLine, endLine] = range.isEmpty ? around(lines, range.start.line, symbol) : selected(range);
    return {
      document,
      languageId,
      text,
      lines,
      startLine,
      endLine,
      code: lines.slice(startLine, endLine + 1).join('\n'),
      before: lines.slice(0, startLine).join('\n'),
      after: lines.slice(endLine + 1).join('\n'),
      style: styleOf(editor),
      symbol,
    };
  }

  /** The symbol around a range, as a place; undefined outside of all. */
  async symbolAt(editor: vscode.TextEditor, range: vscode.Range): Promise<CodePlace | undefined> {
    const at = new vscode.Range(range.start, range.start);
    const place = await this.at(editor, at);
    return place.symbol === undefined ? undefined : place;
  }
}

/** The document's text with other lines in the place of the code. */
export function withCode(place: CodePlace, code: string): string {
  const { lines, startLine, endLine } = place;
  return [...lines.slice(0, startLine), ...code.split('\n'), ...lines.slice(endLine + 1)].join('\n');
}

/** What the document looks like while the code is still coming: the rest of the old lines stays below it. */
export function withPartialCode(place: CodePlace, code: string): string {
  if (code === '') return place.text;
  const { lines, startLine, endLine } = place;
  const come = code.split('\n');
  const rest = Math.min(startLine + come.length, endLine + 1);
  return [...lines.slice(0, startLine), ...come, ...lines.slice(rest)].join('\n');
}

/** A position's offset in a text with line feeds only. */
export const offsetOf = (lines: readonly string[], { line, character }: vscode.Position): number =>
  lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;

/** A selection that ends at the beginning of a line does not mean that line. */
function selected({ start, end }: vscode.Range): [number, number] {
  return [start.line, end.character === 0 && end.line > start.line ? end.line - 1 : end.line];
}

function around(lines: readonly string[], line: number, symbol: CodeSymbol | undefined): [number, number] {
  if (symbol !== undefined) return [symbol.startLine, symbol.endLine];
  return [Math.max(0, line - LINES_AROUND), Math.min(lines.length - 1, line + LINES_AROUND)];
}

function styleOf({ options }: vscode.TextEditor): IndentStyle {
  const { insertSpaces, tabSize } = options;
  return {
    insertSpaces: insertSpaces !== false,
    tabSize: typeof tabSize === 'number' ? tabSize : 4,
  };
}
