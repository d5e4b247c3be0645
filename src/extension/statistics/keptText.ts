/** Whether a text that was taken over still stands where it has moved to. */
import { diffArrays } from 'diff';

/** After this time an accepted suggestion is looked at again, in milliseconds. */
export const KEPT_AFTER_MS = 30_000;
/** This part of it must still be there, measured in characters that are no blanks, in their order. */
export const KEPT_PART = 2 / 3;
/** So many differences and the text is another one. */
const MAX_DIFFERENCES = 2000;
/** A longer region is what remains after the whole document was replaced; only the exact text is looked for there. */
const MAX_REGION_UNITS = 50_000;

/** A change of a document: `rangeLength` UTF-16 units from `rangeOffset` on are replaced. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Follows a region through the changes of its document. Offsets in UTF-16 units. */
export class TrackedText {
  #start: number;
  #end: number;

  /** @param start where the accepted text begins */
  constructor(
    readonly accepted: string,
    start: number,
  ) {
    this.#start = start;
    this.#end = start + accepted.length;
  }

  /** A change that touches the region becomes a part of it; others move it. */
  apply({ rangeOffset, rangeLength, text }: TextChange): void {
    const changeEnd = rangeOffset + rangeLength;
    const grown = text.length - rangeLength;
    if (rangeOffset >= this.#end) return;
    if (changeEnd <= this.#start) {
      this.#start += grown;
      this.#end += grown;
      return;
    }
    this.#end = Math.max(this.#end, changeEnd) + grown;
    this.#start = Math.min(this.#start, rangeOffset);
  }

  /** @param document its whole text now */
  isKept(document: string): boolean {
    return keptPart(this.accepted, document.slice(this.#start, this.#end)) >= KEPT_PART;
  }
}

/** @returns the part of a text's characters that a region still has, in their order and blanks aside; 0 to 1 */
export function keptPart(accepted: string, region: string): number {
  if (region.includes(accepted)) return 1;
  if (region.length > MAX_REGION_UNITS) return 0;
  const words = wordsOf(accepted);
  const all = lengthOf(words);
  if (all === 0) return region === '' ? 0 : 1;
  const parts = diffArrays(words, wordsOf(region), { maxEditLength: MAX_DIFFERENCES });
  if (parts === undefined) return 0;
  const same = parts.filter(({ added, removed }) => !added && !removed);
  return same.reduce((sum, { value }) => sum + lengthOf(value), 0) / all;
}

/** Words and single signs: a word that was changed is another one. */
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

const lengthOf = (words: readonly string[]): number => words.reduce((sum, word) => sum + word.length, 0);
