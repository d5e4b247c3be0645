/** A place in a document as people and compilers write it: FILE:LINE:COLUMN. */
import { CliError, EXIT } from './exitCodes';

export interface DocumentPlace {
  /** As written. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units; 1 is in front of the line's first character. */
  readonly column: number;
}

/** From the right, so that a drive letter or a colon in a name belongs to the file. @throws CliError */
export function parsePlace(text: string): DocumentPlace {
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/s.exec(text) ?? [];
  if (file === undefined || Number(line) < 1 || Number(column) < 1) {
    throw new CliError(
      EXIT.usage,
      `"${text}" is not FILE:LINE:COLUMN, with line and column as numbers from 1.`,
    );
  }
  return { file, line: Number(line), column: Number(column) };
}

/**
 * The offset of a place in UTF-16 units. Lines end at LF, CRLF and CR, as in the editor.
 * @throws CliError for a line or column that the text does not have, or inside a character
 */
export function offsetAt(text: string, { line, column }: Omit<DocumentPlace, 'file'>): number {
  let start = 0;
  const ends = text.matchAll(/\r\n|\r|\n/g);
  for (let current = 1; current < line; current++) {
    const next = ends.next();
    if (next.done === true) {
      throw new CliError(EXIT.usage, `Line ${line} is behind the last one, which is ${current}.`);
    }
    start = next.value.index + next.value[0].length;
  }
  const end = ends.next();
  const length = (end.done === true ? text.length : end.value.index) - start;
  if (column > length + 1) {
    throw new CliError(
      EXIT.usage,
      `Column ${column} is behind the end of line ${line}, which is ${length + 1}.`,
    );
  }
  return start + column - 1;
}
