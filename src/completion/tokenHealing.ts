/**
 * Token healing (after guidance's): half a word before the cursor is cut into tokens that whole words are hardly ever
 * made of, and the model goes on badly from them. So the half is left out of the prompt and spelled anew.
 */

/**
 * The beginning of a word that text ends with, as a token would hold it: with the blank or the underscore before it,
 * and of a name with capitals the last part.
 */
const BEGUN = /(?:(?<![ \t\n]) |_)?(?:[A-Z]?[a-z\d]+|[A-Z]+)$/;
/** What is longer is made of several tokens, whose last one is all that matters; spelling it would take too long. */
const MAX_UNITS = 12;

/** @returns the end of `prefix` that is to be spelled anew; empty where it does not end inside a word */
export function begunWord(prefix: string, suffix: string): string {
  const [begun = ''] = BEGUN.exec(prefix.slice(-MAX_UNITS - 1)) ?? [];
  // Inside of a word nothing is begun.
  return begun.length > MAX_UNITS || /^\w/.test(suffix) ? '' : begun;
}
