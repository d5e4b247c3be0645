/** An edit as hunks of whole lines: what a person accepts or rejects one by one, and what moves when the text does. */
import { diffArrays } from 'diff';

export interface Hunk {
  /** First line of what is replaced, from 0; for an insertion the line it comes before. */
  readonly start: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Line ends as they are compared; documents keep their own. */
export const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n');

/** The hunks that make one text from another, in order and apart from each other. */
export function hunksBetween(before: string, after: string): Hunk[] {
  const hunks: Hunk[] = [];
  let line = 0;
  let open: { start: number; removed: string[]; added: string[] } | undefined;
  for (const { value, added, removed } of diffArrays(before.split('\n'), after.split('\n'))) {
    if (!added && !removed) {
      line += value.length;
      open = undefined;
      continue;
    }
    if (open === undefined) hunks.push((open = { start: line, removed: [], added: [] }));
    if (added) open.added.push(...value);
    else {
      open.removed.push(...value);
      line += value.length;
    }
  }
  return hunks;
}

/** The text with the hunks applied, which must be of this text. */
export function applyHunks(text: string, hunks: readonly Hunk[]): string {
  const lines = text.split('\n');
  for (const { start, removed, added } of [...hunks].sort((a, b) => b.start - a.start)) {
    lines.splice(start, removed.length, ...added);
  }
  return lines.join('\n');
}

export type Reanchored =
  | { readonly kind: 'moved'; readonly hunks: readonly Hunk[] }
  /** The text changed at the place of this hunk. */
  | { readonly kind: 'conflict'; readonly hunk: Hunk };

/** Brings hunks of one text to another one that has changed elsewhere since. */
export function reanchor(hunks: readonly Hunk[], base: string, current: string): Reanchored {
  const changes = hunksBetween(base, current);
  const moved: Hunk[] = [];
  for (const hunk of hunks) {
    if (changes.some((change) => touches(change, hunk))) return { kind: 'conflict', hunk };
    const shift = changes
      .filter((change) => endOf(change) <= hunk.start)
      .reduce((sum, { added, removed }) => sum + added.length - removed.length, 0);
    moved.push({ ...hunk, start: hunk.start + shift });
  }
  return { kind: 'moved', hunks: moved };
}

const endOf = ({ start, removed }: Hunk): number => start + removed.length;

/** Whether both replace a common line, or one inserts where the other one is. */
function touches(one: Hunk, other: Hunk): boolean {
  const insertion = one.removed.length === 0 || other.removed.length === 0;
  return insertion
    ? one.start <= endOf(other) && other.start <= endOf(one)
    : Math.max(one.start, other.start) < Math.min(endOf(one), endOf(other));
}
