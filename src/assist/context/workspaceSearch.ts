/** Finds pieces of files that fit a question, by their words (BM25+, by MiniSearch). */
import MiniSearch from 'minisearch';
import type { ContextItem } from './contextItem';

export interface SearchedFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly languageId?: string;
  readonly text: string;
}

interface Piece {
  readonly id: string;
  readonly path: string;
  readonly languageId: string | undefined;
  readonly firstLine: number;
  readonly text: string;
}

/** Lines of a piece, and how many of them it shares with the next. */
const PIECE_LINES = 40;
const SHARED_LINES = 8;
/** Words that are in every file or every question say nothing. */
const STOP_WORDS = new Set(
  'a an and are as at be by can do does for from has have how i if in is it me not of on or our that the this to was what when where which who why will with you import return const let var def function class self public private static void new'.split(
    ' ',
  ),
);

export class WorkspaceSearch {
  readonly #index = new MiniSearch<Piece>({
    fields: ['path', 'text'],
    storeFields: ['path', 'languageId', 'firstLine', 'text'],
    tokenize: words,
    processTerm: (term) => (STOP_WORDS.has(term) || term.length < 2 ? null : term),
    searchOptions: { boost: { path: 2 }, prefix: (term) => term.length > 4 },
  });
  /** Ids of the pieces of each file. */
  readonly #pieces = new Map<string, readonly string[]>();

  get files(): number {
    return this.#pieces.size;
  }

  has(path: string): boolean {
    return this.#pieces.has(path);
  }

  /** Takes a file in, in place of what was known of it. */
  set(file: SearchedFile): void {
    this.delete(file.path);
    const pieces = piecesOf(file);
    this.#index.addAll(pieces);
    this.#pieces.set(
      file.path,
      pieces.map(({ id }) => id),
    );
  }

  delete(path: string): void {
    const ids = this.#pieces.get(path);
    if (ids === undefined) return;
    this.#index.discardAll([...ids]);
    this.#pieces.delete(path);
  }

  /** Pieces that fit a question, the best first; neighbours that share lines are one. */
  find(question: string, limit: number): ContextItem[] {
    const results = this.#index.search(question) as unknown as Piece[];
    let found: Piece[] = [];
    for (const piece of results) {
      const touched = found.filter((other) => touches(other, piece));
      const [first] = touched;
      if (first === undefined) {
        if (found.length < limit) found.push(piece);
        continue;
      }
      // In the place of the best of those that are one now.
      const whole = touched.reduce(joined, piece);
      found = found.flatMap((other) => (other === first ? [whole] : touched.includes(other) ? [] : [other]));
    }
    return found.map(({ path, languageId, firstLine, text }) => ({
      kind: 'workspace',
      label: `${path}:${firstLine}`,
      path,
      firstLine,
      ...(languageId === undefined ? {} : { languageId }),
      text,
    }));
  }
}

/** Words of code and prose in lower case; parts of a composed name count besides the whole. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const whole = word.toLowerCase();
    found.push(whole);
    const parts = word.split(/_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
    if (parts.length > 1)
      found.push(...parts.map((part) => part.toLowerCase()).filter((part) => part !== ''));
  }
  return found;
}

function piecesOf({ path, languageId, text }: SearchedFile): Piece[] {
  const lines = text.split(/\r?\n/);
  const pieces: Piece[] = [];
  for (let from = 0; from === 0 || from + SHARED_LINES < lines.length; from += PIECE_LINES - SHARED_LINES) {
    const piece = lines.slice(from, from + PIECE_LINES).join('\n');
    pieces.push({ id: `${path}\0${from}`, path, languageId, firstLine: from + 1, text: piece });
  }
  return pieces;
}

const lastLine = ({ firstLine, text }: Piece): number => firstLine + text.split('\n').length - 1;

const touches = (a: Piece, b: Piece): boolean =>
  a.path === b.path && a.firstLine <= lastLine(b) + 1 && b.firstLine <= lastLine(a) + 1;

/** Two pieces of a file that touch, as one. */
function joined(a: Piece, b: Piece): Piece {
  const [first, second] = a.firstLine <= b.firstLine ? [a, b] : [b, a];
  const missing = lastLine(second) - lastLine(first);
  if (missing <= 0) return first;
  return { ...first, text: [first.text, ...second.text.split('\n').slice(-missing)].join('\n') };
}
