import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';

/** First words of the first samples: those begin with different tokens, so that no cache can serve two of them. */
const OPENINGS = [
  'import',
  'from',
  'class',
  'def',
  'with',
  'for',
  'while',
  'try',
  'assert',
  'return',
  'if',
  '@',
  'raise',
  'yield',
  'global',
  'lambda',
];
const NOUNS = [
  'order',
  'invoice',
  'customer',
  'parcel',
  'route',
  'ledger',
  'sensor',
  'reading',
  'window',
  'table',
];
const VERBS = ['load', 'merge', 'check', 'format', 'count', 'sort', 'split', 'store', 'scale', 'filter'];

/**
 * Python-like code of any length; the same seed gives the same text. What a benchmark evaluates need not make sense,
 * but should have the tokens of code.
 */
export function sampleCode(seed: number, functions: number): string {
  const pick = (words: readonly string[], at: number): string =>
    words[(at + Math.floor(at / words.length)) % words.length] as string;
  const parts = [`${pick(OPENINGS, seed)} sample_${seed}\n`];
  for (let at = seed * 7; at < seed * 7 + functions; at++) {
    const [verb, noun, other] = [pick(VERBS, at), pick(NOUNS, at), pick(NOUNS, at + 3)];
    parts.push(
      `\ndef ${verb}_${noun}_${at}(${noun}s: list[dict], limit: int = ${at * 13}) -> dict:\n`,
      `    """${verb} every ${noun} that has a ${other}, up to a limit."""\n`,
      `    result = {}\n    for index, ${noun} in enumerate(${noun}s):\n`,
      `        if index >= limit or '${other}' not in ${noun}:\n            continue\n`,
      `        key = ${noun}['${other}'].strip().lower()\n`,
      `        result[key] = result.get(key, 0) + ${noun}.get('amount', ${at % 9})\n    return result\n`,
    );
  }
  return parts.join('');
}

/** A function of `sampleCode` has about 120 tokens; this many tokens fit it surely. */
export const TOKENS_PER_FUNCTION = 80;

/**
 * The beginning of a sample that has exactly `tokens` tokens.
 * @throws RangeError where no cut gives that number
 */
export function sampleOfTokens(tokenizer: Tokenizer, seed: number, tokens: number): string {
  const text = sampleCode(seed, Math.ceil(tokens / TOKENS_PER_FUNCTION) + 1);
  const ids = tokenizer.encode(text);
  // Cut between tokens, a text may be encoded otherwise than it was as a part of the whole: then another cut helps.
  for (let length = tokens - 4; length <= tokens + 4 && length <= ids.length; length++) {
    const cut = tokenizer.decode(ids.slice(0, length));
    if (tokenizer.encode(cut).length === tokens) return cut;
  }
  throw new RangeError(`no beginning of sample ${seed} has ${tokens} tokens`);
}

/** Gives another sample at each call, from the first on. @throws RangeError where all that begin differently are used up */
export function freshSamples(tokenizer: Tokenizer): (tokens: number) => string {
  let seed = 0;
  return (tokens) => {
    if (seed >= OPENINGS.length)
      throw new RangeError(`there are ${OPENINGS.length} samples that begin differently`);
    return sampleOfTokens(tokenizer, seed++, tokens);
  };
}
