/**
 * Brackets and quotes, without a parser: strings are skipped and comments end the line. Wrong in corner cases (regular
 * expressions, nested templates), so rules use it to decide between two readings, not as the truth.
 */

const OPENERS = '([{';
const CLOSERS = ')]}';
const QUOTES = '"\'`';

/** @returns the quote that the text leaves open at its end, or '' */
export function openQuote(text: string): string {
  return scan(text, '', () => true);
}

/**
 * @param quote the quote that is open where the text begins, or ''
 * @param passedOver how many such brackets are of no interest
 * @returns offset of the first bracket that closes something opened before the text, or -1
 */
export function firstOuterCloser(text: string, quote = '', passedOver = 0): number {
  let depth = passedOver;
  let found = -1;
  scan(text, quote, (sign, at) => {
    if (OPENERS.includes(sign)) depth += 1;
    else if (CLOSERS.includes(sign) && --depth < 0) found = at;
    return found < 0;
  });
  return found;
}

/** @returns how many of the text's own brackets are open at its end */
export function bracketDepth(text: string): number {
  let depth = 0;
  scan(text, '', (sign) => {
    if (OPENERS.includes(sign)) depth += 1;
    else if (CLOSERS.includes(sign)) depth = Math.max(0, depth - 1);
    return true;
  });
  return depth;
}

/** @returns offset of the first unescaped `quote` on the text's first line, or -1 */
export function firstQuote(text: string, quote: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === '\\') at += 1;
    else if (sign === quote) return at;
    else if (sign === '\n') return -1;
  }
  return -1;
}

/**
 * Visits the signs outside of strings and comments, with their offsets, until the visitor says false.
 *
 * @param quote the quote that is open where the text begins, or ''
 * @returns the quote that is open where the visit ended, or ''
 */
function scan(text: string, quote: string, visit: (sign: string, at: number) => boolean): string {
  let open = quote;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (open !== '') {
      if (sign === '\\') at += 1;
      else if (sign === open || (sign === '\n' && open !== '`')) open = '';
    } else if (QUOTES.includes(sign)) {
      open = sign;
    } else if (startsComment(text, at)) {
      const newLine = text.indexOf('\n', at);
      if (newLine < 0) return '';
      at = newLine;
    } else if (!visit(sign, at)) {
      return '';
    }
  }
  return open;
}

function startsComment(text: string, at: number): boolean {
  // `://` stands in addresses, most of them in strings that the scan did not see begin.
  if (text.startsWith('//', at)) return text.charAt(at - 1) !== ':';
  // `#` within a word or right before one is no comment in JavaScript (`this.#x`) and C (`#define`).
  return text.charAt(at) === '#' && /^\s?$/.test(text.charAt(at - 1)) && /^\s?$/.test(text.charAt(at + 1));
}
