/** Where a suggestion belongs, and what has been typed there since. */
import { indentOf, TAB_COLUMNS } from './endRules/lines';
import type { DocumentSnapshot } from './snapshot';

/** Two places with this much text in common around the cursor are the same for a suggestion. UTF-16 units. */
const BEFORE_UNITS = 1024;
const AFTER_UNITS = 256;
/** Nobody types along further than a suggestion is long. */
const MAX_TYPED_UNITS = 4096;
/** Brackets and quotes that editors insert by themselves, at most so many at once. */
const MAX_AUTO_CLOSED = 3;
const AUTO_CLOSED_BY: Readonly<Record<string, string>> = {
  ')': '(',
  ']': '[',
  '}': '{',
  '"': '"',
  "'": "'",
  '`': '`',
  '>': '<',
};

export interface Place {
  readonly uri: string;
  readonly offset: number;
  readonly before: string;
  readonly after: string;
}

/** What the person has added at a place. */
export interface TypedSince {
  readonly typed: string;
  /** Closing brackets and quotes that the editor put behind the cursor meanwhile. */
  readonly autoClosed: string;
}

export function placeOf({ uri, text, offset }: DocumentSnapshot): Place {
  return {
    uri,
    offset,
    before: text.slice(Math.max(0, offset - BEFORE_UNITS), offset),
    after: text.slice(offset, offset + AFTER_UNITS),
  };
}

/** @returns a key under which the same surroundings are found again, wherever they have moved in the document */
export function placeKey(place: Place): string {
  return `${place.uri}\0${place.before}\0${place.after}`;
}

/** @returns what has been typed at the place since, or undefined where anything else has changed near it */
export function typedSince(place: Place, now: DocumentSnapshot): TypedSince | undefined {
  const length = now.offset - place.offset;
  if (now.uri !== place.uri || length < 0 || length > MAX_TYPED_UNITS) return undefined;
  if (!now.text.startsWith(place.before, place.offset - place.before.length)) return undefined;
  const typed = now.text.slice(place.offset, now.offset);
  for (let closed = 0; closed <= MAX_AUTO_CLOSED; closed += 1) {
    const autoClosed = now.text.slice(now.offset, now.offset + closed);
    if (![...autoClosed].every((sign) => typed.includes(AUTO_CLOSED_BY[sign] ?? '\0'))) return undefined;
    const from = now.offset + closed;
    if (now.text.slice(from, from + AFTER_UNITS) === place.after) return { typed, autoClosed };
  }
  return undefined;
}

/**
 * @param text a suggestion, with the document's ends of line
 * @returns what of it is left to suggest, or undefined where the person went another way or has typed all of it
 */
export function restAfterTyping(text: string, { typed, autoClosed }: TypedSince): string | undefined {
  const rest = text.startsWith(typed) ? text.slice(typed.length) : restIndentedOtherwise(text, typed);
  if (rest === undefined) return undefined;
  if (rest.trim() === '' || rest === autoClosed) return undefined;
  // Ghost text can only show what is replaced as a part of what replaces it, on the same line.
  const firstLine = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
  return firstLine.includes(autoClosed) ? rest : undefined;
}

/**
 * After Enter the editor indents by itself, with tabs perhaps where the model wrote blanks. As long as the line begins
 * in the same column it is the suggested one.
 */
function restIndentedOtherwise(text: string, typed: string): string | undefined {
  const lineStart = typed.lastIndexOf('\n') + 1;
  if (lineStart === 0 || !text.startsWith(typed.slice(0, lineStart))) return undefined;
  const line = text.slice(lineStart);
  const own = blanksOf(line);
  const blanks = blanksOf(typed.slice(lineStart));
  const more = typed.slice(lineStart + blanks.length);
  if (own === '' || indentOf(own) !== indentOf(blanks) || !line.startsWith(more, own.length))
    return undefined;
  const tabs = blanks.includes('\t');
  return line
    .slice(own.length + more.length)
    .replace(/(?<=\n)[ \t]+/g, (each) =>
      tabs ? withTabs(each) : each.replaceAll('\t', ' '.repeat(TAB_COLUMNS)),
    );
}

const blanksOf = (text: string): string => /^[ \t]*/.exec(text)?.[0] ?? '';

function withTabs(blanks: string): string {
  const columns = indentOf(blanks);
  return '\t'.repeat(Math.floor(columns / TAB_COLUMNS)) + ' '.repeat(columns % TAB_COLUMNS);
}
