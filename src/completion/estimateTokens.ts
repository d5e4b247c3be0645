/**
 * How many tokens a text is about to become, without the tokenizer (which lives in the engine's thread).
 *
 * Qwen's byte-level BPE first splits text as the regular expression of its `qwen2` pre-tokenizer says, then merges
 * only inside the pieces. So the sum over pieces of what such a piece costs on average is a good estimate. The costs
 * are means over the Python standard library, Go's standard library and some TypeScript, rounded up, because a
 * window that is a little too small costs less than a prompt that does not fit.
 */

/** A word of one case, up to this length, is mostly one token. */
const PLAIN_WORD_LETTERS = 7;
/** Mean cost of such a word, and of each part of a camelCase name. */
const WORD_COST = 1.07;
/** Further letters: lower case is mostly prose and known names, upper case falls to pieces sooner. */
const EXTRA_LOWER_COST = 0.11;
const EXTRA_UPPER_COST = 0.35;
/** A word right behind a sign that is no blank (`_name`, `.name`) is merged with it, less often as a whole. */
const GLUED_WORD_COST = 0.2;
/** Signs in a row: two are nearly always one token, and each further one adds this much. */
const EXTRA_SIGN_COST = 0.35;
/** The same sign in a row (`-----`, `=====`) has long tokens of its own. */
const REPEATED_SIGN_COST = 0.06;
/** Per UTF-16 unit: common Chinese takes 0.4, Cyrillic 0.4, Hangul 0.9, emoji (two units) 1 to 3 together. */
const NON_ASCII_COST = 0.8;

const enum Kind {
  Lower,
  Upper,
  Digit,
  Blank,
  NewLine,
  Sign,
  Other,
}

/**
 * Estimates the number of Qwen2.5 tokens of `text[start, end)`. Never splits work: linear in the length, no
 * allocation.
 *
 * @param start UTF-16 offset, inclusive
 * @param end UTF-16 offset, exclusive
 */
export function estimateTokens(text: string, start = 0, end = text.length): number {
  let tokens = 0;
  let at = start;
  /** The unit before is a sign and not a blank: the next word is glued to it. */
  let behindSign = false;
  while (at < end) {
    const from = at;
    const kind = kindOf(text.charCodeAt(at));
    at += 1;
    switch (kind) {
      case Kind.Lower:
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.Lower) at += 1;
        tokens += wordCost(at - from, EXTRA_LOWER_COST) + (behindSign ? GLUED_WORD_COST : 0);
        break;
      case Kind.Upper: {
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.Upper) at += 1;
        const capitals = at - from;
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.Lower) at += 1;
        const lower = at - from - capitals;
        // `HTTPServer`: the last capital belongs to the word behind it.
        if (capitals > 1) tokens += wordCost(lower > 0 ? capitals - 1 : capitals, EXTRA_UPPER_COST);
        if (capitals === 1 || lower > 0) tokens += wordCost(lower + 1, EXTRA_LOWER_COST);
        if (behindSign) tokens += GLUED_WORD_COST;
        break;
      }
      case Kind.Digit:
        tokens += 1;
        break;
      case Kind.NewLine:
        // Empty lines and the blanks on them merge into one token; what indents the next line is its own.
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.NewLine) at += 1;
        tokens += 1;
        break;
      case Kind.Blank:
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.Blank) at += 1;
        // The last blank goes to the word behind it, so a single one is free.
        if (at - from > 1 || at === end) tokens += 1;
        break;
      case Kind.Sign:
        at = endOfSigns(text, at, end);
        tokens += signCost(text, from, at);
        // Line ends right behind signs belong to the signs' token.
        while (at < end && kindOf(text.charCodeAt(at)) === Kind.NewLine) at += 1;
        break;
      case Kind.Other:
        tokens += NON_ASCII_COST;
        break;
    }
    behindSign = kind === Kind.Sign;
  }
  return Math.ceil(tokens);
}

function wordCost(letters: number, extra: number): number {
  return WORD_COST + Math.max(0, letters - PLAIN_WORD_LETTERS) * extra;
}

function endOfSigns(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && kindOf(text.charCodeAt(at)) === Kind.Sign) at += 1;
  return at;
}

function signCost(text: string, from: number, to: number): number {
  let repeated = 0;
  let others = 0;
  for (let at = from; at < to;) {
    let same = 1;
    while (at + same < to && text.charCodeAt(at + same) === text.charCodeAt(at)) same += 1;
    others += Math.min(same, 2);
    repeated += Math.max(0, same - 2);
    at += same;
  }
  return 1 + Math.max(0, others - 2) * EXTRA_SIGN_COST + repeated * REPEATED_SIGN_COST;
}

/** Looked up rather than compared: this runs over some 5,000 units at each keystroke. */
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => asciiKind(unit));

function kindOf(unit: number): Kind {
  return unit < 128 ? (KINDS[unit] as Kind) : Kind.Other;
}

function asciiKind(unit: number): Kind {
  if (unit >= 97 && unit <= 122) return Kind.Lower;
  if (unit >= 65 && unit <= 90) return Kind.Upper;
  if (unit >= 48 && unit <= 57) return Kind.Digit;
  if (unit === 32 || unit === 9) return Kind.Blank;
  return unit === 10 || unit === 13 ? Kind.NewLine : Kind.Sign;
}
