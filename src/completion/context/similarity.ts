/**
 * Finds pieces of files that are about the same as the place of the cursor: by the names they share (Jaccard's
 * coefficient, each name weighted by how rare it is among the pieces), and by the names used at the cursor that they
 * declare.
 */
import { LRUCache } from 'lru-cache';
import type { ContextChunk, ContextFile } from './contextChunk';
import { declaredNames, identifiers } from './identifiers';
import { piecesOf, type Piece } from './pieces';

/** Text around the cursor whose names are looked for: what is said there counts, not the whole file. */
export interface Surroundings {
  /** The lines above the cursor and the one it stands in. */
  readonly before: string;
  readonly after: string;
}

export interface ScoredChunk {
  readonly chunk: ContextChunk;
  /** From 0 to 1. */
  readonly score: number;
}

/** Lines around the cursor that are compared: about as many as a piece has. */
const LINES_BEFORE = 24;
const LINES_AFTER = 8;
/** Lines at the cursor whose names are wanted to be declared somewhere. */
const FOCUS_LINES = 4;
/** What declaring such a name is worth, for the first one and each further one. */
const DECLARES = 0.35;
const DECLARES_MORE = 0.1;
/** Pieces with fewer names are lists, comments, or too short to tell. */
const MIN_NAMES = 4;
/** Files whose pieces are kept; they are cut anew when their text has changed. */
const REMEMBERED_FILES = 100;

interface NamedPiece extends Piece {
  readonly names: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

export class SimilarPieces {
  readonly #files = new LRUCache<string, { readonly text: string; readonly pieces: readonly NamedPiece[] }>({
    max: REMEMBERED_FILES,
  });

  /**
   * @param threshold pieces below it are not named
   * @returns the most similar first, then by path and line, so that equals keep their order
   */
  find(files: readonly ContextFile[], around: Surroundings, threshold: number): ScoredChunk[] {
    const near = [lastLines(around.before, LINES_BEFORE), firstLines(around.after, LINES_AFTER)].join('\n');
    const wanted = identifiers(near);
    const declaredHere = declaredNames(around.before + around.after);
    const focus = [...identifiers(lastLines(around.before, FOCUS_LINES))].filter(
      (name) => !declaredHere.has(name),
    );
    const all = files.flatMap((file) => this.#pieces(file).map((piece) => ({ file, piece })));
    const weight = rarity(
      all.map(({ piece }) => piece.names),
      wanted,
    );
    return all
      .map(({ file: { source, uri, path }, piece }) => {
        const { startLine, text } = piece;
        const score = Math.min(1, jaccard(wanted, piece.names, weight) + declares(focus, piece.declared));
        return { chunk: { source, uri, path, startLine, text }, score };
      })
      .filter(({ score }) => score >= threshold)
      .sort((a, b) => b.score - a.score || inOrder(a.chunk, b.chunk));
  }

  #pieces({ uri, text }: ContextFile): readonly NamedPiece[] {
    const known = this.#files.get(uri);
    if (known?.text === text) return known.pieces;
    const pieces = piecesOf(text)
      .map((piece) => ({ ...piece, names: identifiers(piece.text), declared: declaredNames(piece.text) }))
      .filter(({ names }) => names.size >= MIN_NAMES);
    this.#files.set(uri, { text, pieces });
    return pieces;
  }
}

/** How much a name tells: less, the more pieces have it (inverse document frequency). */
function rarity(
  pieces: readonly ReadonlySet<string>[],
  wanted: ReadonlySet<string>,
): (name: string) => number {
  const found = new Map<string, number>();
  for (const names of [...pieces, wanted]) {
    for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  }
  return (name) => Math.log(1 + (pieces.length + 1) / (found.get(name) ?? 1));
}

/** Weight of the names in both over that of the names in either. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>, weight: (name: string) => number): number {
  let shared = 0;
  let all = 0;
  for (const name of a) {
    const own = weight(name);
    all += own;
    if (b.has(name)) shared += own;
  }
  for (const name of b) if (!a.has(name)) all += weight(name);
  return all === 0 ? 0 : shared / all;
}

function declares(focus: readonly string[], declared: ReadonlySet<string>): number {
  const count = focus.filter((name) => declared.has(name)).length;
  return count === 0 ? 0 : DECLARES + (count - 1) * DECLARES_MORE;
}

const inOrder = (a: ContextChunk, b: ContextChunk): number =>
  a.path === b.path ? (a.startLine ?? 0) - (b.startLine ?? 0) : a.path < b.path ? -1 : 1;

const lastLines = (text: string, count: number): string => text.split('\n').slice(-count).join('\n');
const firstLines = (text: string, count: number): string => text.split('\n').slice(0, count).join('\n');
