/** Remembers where was written lately, in lines that move with later changes. */
import type { ContextChunk } from './contextChunk';

/** Places remembered over all files; the oldest go first. */
const MAX_HUNKS = 16;
/** Changes that are at most so many lines apart are one. */
const JOINED_LINES = 3;
/** What was edited longer ago tells nothing about what comes next. Milliseconds. */
const MAX_AGE_MS = 30 * 60_000;
/** Lines shown of one place, and in all of one file. */
const MAX_HUNK_LINES = 12;
const MAX_FILE_LINES = 24;

/** One change: the lines `from` to `to` (from 1, both included) became `lines` lines. */
export interface LineChange {
  readonly from: number;
  readonly to: number;
  /** At least 1: a change always leaves the line in which it took place. */
  readonly lines: number;
}

/** Lines from 1, both included. */
export interface EditedHunk {
  readonly uri: string;
  readonly from: number;
  readonly to: number;
  /** Milliseconds, of the caller's clock. */
  readonly at: number;
}

export class RecentEdits {
  /** The newest first. */
  #hunks: readonly EditedHunk[] = [];

  note(uri: string, { from, to, lines }: LineChange, now: number): void {
    const delta = lines - (to - from + 1);
    let own: EditedHunk = { uri, from, to: from + lines - 1, at: now };
    const others: EditedHunk[] = [];
    for (const hunk of this.#hunks) {
      if (hunk.uri !== uri) {
        others.push(hunk);
        continue;
      }
      // Still in lines as they were before the change.
      if (hunk.from > to + JOINED_LINES) {
        others.push({ ...hunk, from: hunk.from + delta, to: hunk.to + delta });
      } else if (hunk.to < from - JOINED_LINES) {
        others.push(hunk);
      } else {
        const end = Math.max(hunk.to, to) + delta;
        own = { ...own, from: Math.min(own.from, hunk.from), to: Math.max(own.to, end) };
      }
    }
    this.#hunks = [own, ...others].slice(0, MAX_HUNKS);
  }

  /** A file's places are not known any more: it is gone, or was written by somebody else. */
  forget(uri: string): void {
    this.#hunks = this.#hunks.filter((hunk) => hunk.uri !== uri);
  }

  /** Places of the last half hour, the newest first. */
  hunks(now: number): readonly EditedHunk[] {
    return this.#hunks.filter(({ at }) => now - at <= MAX_AGE_MS);
  }
}

/**
 * What stands at a file's places now, as one chunk in the order of the file.
 *
 * @param hunks of this file, the newest first
 * @param skip lines that are shown already; from 1, both included
 * @returns undefined where nothing is left
 */
export function editedChunk(
  { uri, path, text }: Pick<ContextChunk, 'uri' | 'path' | 'text'>,
  hunks: readonly EditedHunk[],
  skip: (from: number, to: number) => boolean = () => false,
): ContextChunk | undefined {
  const lines = text.split(/\r?\n/);
  const shown: EditedHunk[] = [];
  let room = MAX_FILE_LINES;
  for (const hunk of hunks) {
    const to = Math.min(hunk.to, hunk.from + MAX_HUNK_LINES - 1, lines.length);
    const blank = lines.slice(hunk.from - 1, to).every((line) => line.trim() === '');
    if (blank || room < to - hunk.from + 1 || skip(hunk.from, to)) continue;
    shown.push({ ...hunk, to });
    room -= to - hunk.from + 1;
  }
  shown.sort((a, b) => a.from - b.from);
  const [first] = shown;
  const last = shown.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const pieces = shown.map(({ from, to }) => lines.slice(from - 1, to).join('\n'));
  return {
    source: 'recent-edit',
    uri,
    path,
    text: pieces.join('\n\n'),
    startLine: first.from,
    lineCount: last.to - first.from + 1,
  };
}
