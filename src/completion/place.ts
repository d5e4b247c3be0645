/** Where a suggestion belongs, and what has been typed there since. */
import { firstOuterCloser } from './endRules/brackets';
import { indentOf, TAB_COLUMNS } from './endRules/lines';
import type { DocumentSnapshot } from './snapshot';

/** Two places with this much text in common around the cursor are the same for a suggestion. UTF-16 units. */
const BEFORE_UNITS = 1024;
const AFTER_UNITS = 256;
/** Nobody types along further than a suggestion is long. */
const MAX_TYPED_UNITS = 4096;
/** Brackets and quotes that editors insert by themselves, at most so many in what is typed along. */
const MAX_AUTO_CLOSED = 6;
const AUTO_CLOSED_BY: Readonly<Record<string, string>> = {
  ')': '(',
  ']': '[',
  '}': '{',
  '"': '"',
  "'": "'",
  '`': '`',
  '>': '<',
};

/** One of them, with the line break before it where the person has pressed Enter between two. */
const AUTO_CLOSED = /(\r?\n[ \t]*)?([)\]}"'`>])/y;

export interface Place {
  readonly uri: string;
  readonly offset: number;
  readonly before: string;
  readonly after: string;
}

/** What the person has added at a place. */
export interface TypedSince {
  readonly typed: string;
  /**
   * Closing brackets and quotes that the editor put behind the cursor meanwhile, with the line break and the blanks
   * before them where Enter was pressed between two.
   */
  readonly autoClosed: string;
}

/** What is left of a suggestion. */
export interface Rest {
  readonly text: string;
  /** UTF-16 units behind the cursor that it replaces: what the editor closed by itself. */
  readonly replaced: number;
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
  let from = now.offset;
  for (let closed = 0; ; closed += 1) {
    if (now.text.slice(from, from + AFTER_UNITS) === place.after) {
      return { typed, autoClosed: now.text.slice(now.offset, from) };
    }
    AUTO_CLOSED.lastIndex = from;
    const [next = '', lineBreak = '', sign = ''] = AUTO_CLOSED.exec(now.text) ?? [];
    if (closed === MAX_AUTO_CLOSED || !typed.includes(AUTO_CLOSED_BY[sign] ?? '\0')) return undefined;
    if (lineBreak !== '' && !typed.includes('\n')) return undefined;
    from += next.length;
  }
}

/**
 * @param text a suggestion, with the document's ends of line
 * @returns what of it is left to suggest, or undefined where the person went another way or has typed all of it
 */
export function restAfterTyping(text: string, { typed, autoClosed }: TypedSince): Rest | undefined {
  const rest = text.startsWith(typed) ? text.slice(typed.length) : restIndentedOtherwise(text, typed);
  if (rest === undefined || rest.trim() === '' || withoutBlanks(rest) === withoutBlanks(autoClosed))
    return undefined;
  const onLine = firstLine(autoClosed);
  const inner = upToCloser(rest, onLine, autoClosed.slice(onLine.length));
  // Ghost text can only show what is replaced as a part of what replaces it, on the same line.
  if (inner !== undefined && firstLine(inner).includes(onLine)) {
    return inner.trim() === '' ? undefined : { text: inner, replaced: onLine.length };
  }
  const block = inner === undefined ? undefined : insideOf(inner, onLine);
  return block === undefined || block.trim() === '' ? undefined : { text: block, replaced: 0 };
}

/**
 * What comes before a bracket that stands below the cursor already.
 *
 * @param onLine signs that the editor put behind the cursor on its line, and `below` on further ones
 * @returns undefined where the text closes something else there; all of it where it does not get that far
 */
function upToCloser(text: string, onLine: string, below: string): string | undefined {
  if (below === '') return text;
  const end = firstOuterCloser(text, openQuoteOf(onLine), onLine.match(/[)\]}]/g)?.length);
  if (end < 0) return text;
  return text.charAt(end) === below.trimStart().charAt(0) ? text.slice(0, end).trimEnd() : undefined;
}

/** The lines that belong between two brackets with the cursor in between; undefined where there are none. */
function insideOf(text: string, closers: string): string | undefined {
  const end = firstOuterCloser(text, openQuoteOf(closers));
  return end >= 0 && text.startsWith(closers, end) ? text.slice(0, end) : undefined;
}

const openQuoteOf = (closers: string): string => /^["'`]/.exec(closers)?.[0] ?? '';
const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)?.[0] ?? '';
const withoutBlanks = (text: string): string => text.replace(/\s/g, '');

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
