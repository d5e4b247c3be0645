/** What it makes of the server's texts: which it withholds, what it cuts, and what it remembers of earlier ones. */
import { LRUCache } from 'lru-cache';
import type { CursorPlace, InfillTexts } from './requests';
import { LLAMA_VSCODE } from './settings';

/** A text that may be shown at the cursor, or undefined for one that is withheld. */
export function shownText(content: string, place: CursorPlace): string | undefined {
  const lines = withoutBlankEnd(content);
  if (isWithheld(lines, place)) return undefined;
  const [first = ''] = lines;
  const { lineSuffix } = place;
  if (lineSuffix.trim() !== '') {
    if (first.endsWith(lineSuffix)) return first.slice(0, -lineSuffix.length);
    if (lines.length > 1) return first;
  }
  return lines.join('\n');
}

/** @param content the server's text; @returns its lines, blank ones at the end left out */
export function withoutBlankEnd(content: string): string[] {
  const lines = content.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

/** Blanks that the cursor's line has already, if it is blank before the cursor; tabs go however many there are. */
export function withoutIndent(text: string, { linePrefix }: CursorPlace): string {
  const blanks = linePrefix.trim() === '' ? linePrefix.length : 0;
  let at = 0;
  while ((text.charAt(at) === ' ' && at < blanks) || text.charAt(at) === '\t') at++;
  return text.slice(at);
}

/** What repeats the text that stands there. */
function isWithheld(lines: readonly string[], place: CursorPlace): boolean {
  const { line, lines: document, linePrefix, lineSuffix } = place;
  const [first, ...further] = lines;
  if (first === undefined || (further.length === 0 && first.trim() === '')) return true;
  if (line === document.length - 1) return false;
  const repeats = (from: number): boolean => further.every((own, index) => own === document[from + index]);
  const nothingNew = first.trim() === '' || first.trim() === lineSuffix.trim();
  if (further.length > 0 && nothingNew && repeats(line + 1)) return true;
  if (further.length === 0 && first === lineSuffix) return true;

  const below = document.findIndex((text, index) => index > line && text.trim() !== '');
  if (below < 0 || linePrefix + first !== document[below]) return false;
  if (further.length === 0) return true;
  const [second = ''] = further;
  if (further.length === 1) return document[below + 1]?.startsWith(second) === true;
  return repeats(below + 1);
}

/** Suggestions by the texts that were sent. */
export class RememberedSuggestions {
  readonly #entries = new LRUCache<string, readonly string[]>({ max: LLAMA_VSCODE.cachedSuggestions });

  has(texts: InfillTexts): boolean {
    return this.#entries.get(keyOf(texts)) !== undefined;
  }

  remember(texts: InfillTexts, suggestions: readonly string[]): void {
    this.#entries.set(keyOf(texts), suggestions);
  }

  /** For the very place, else the rest of one for the same line with less on it that has been typed since. */
  find(texts: InfillTexts): readonly string[] | undefined {
    const { prompt } = texts;
    const same = this.#entries.get(keyOf(texts));
    if (same !== undefined) return same;
    for (let length = prompt.length; length >= 0; length--) {
      const typed = prompt.slice(length);
      const rests = this.#entries
        .get(keyOf({ ...texts, prompt: prompt.slice(0, length) }))
        ?.filter((text) => text !== '' && text.startsWith(typed))
        .map((text) => text.slice(typed.length));
      if (rests !== undefined && rests.length > 0) return rests;
    }
    return undefined;
  }
}

const keyOf = ({ prefix, suffix, prompt }: InfillTexts): string => `${prefix}|${suffix}|${prompt}`;
