import { BPE, ByteLevelPreTokenizer, SplitPreTokenizer } from '@huggingface/tokenizers';
import { LRUCache } from 'lru-cache';
import { EngineError } from '../errors';

/**
 * Where Qwen2 cuts text before BPE: contractions in either case, words with one leading character that is neither
 * letter, digit nor line end, single digits, punctuation with the line ends behind it, line ends with the blanks
 * before them, blanks at a text's or a word's edge. Contractions list both cases instead of folding case, as
 * llama.cpp does: folding would also take U+017F (long s) for an s. The library reads this as an Oniguruma
 * expression, so `\s` is Unicode's White_Space, not JavaScript's.
 */
const QWEN2_SPLIT =
  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])" +
  '|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+' +
  '|\\p{N}' +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*' +
  '|\\s*[\\r\\n]+' +
  '|\\s+(?!\\S)' +
  '|\\s+';

/**
 * Pre-tokens whose ids are remembered; the least recently used ones go first. A source file has some hundreds of
 * different ones, so this holds what a person works on. About 3 MB when full of ordinary words.
 */
const CACHED_PRE_TOKENS = 16_384;

/**
 * Bound on the remembered pre-tokens' UTF-16 units and ids together, so that long ones (blank runs, rules, data; up
 * to 20 µs a character to encode) are remembered too and cannot fill the memory: at most 8 MB.
 */
const CACHE_UNITS = 1_048_576;

/** The same for one pre-token, so that a single huge one does not drive out all others. */
const CACHE_UNITS_PER_PRE_TOKEN = 65_536;

/** What JSON writes in another way. The byte alphabet has no signs that are not printed and no surrogates. */
const NEEDS_ESCAPE = /["\\]/;

/** Turns text without special tokens into ids: Qwen2's cuts, bytes, byte-pair encoding. */
export interface PreTokenEncoder {
  /** Appends the ids of `text` to `into`. */
  encode(text: string, into: number[]): void;
}

/**
 * Builds the encoder from a vocabulary in the byte alphabet. The work is done by the library's pre-tokenizers and
 * BPE model; they are called piece by piece, not through its `Tokenizer`, so that ids can be remembered per
 * pre-token: a prompt is encoded at each keystroke and nearly all of it was there before (0.2 µs per token
 * instead of 5 µs).
 *
 * @param vocab id of each ordinary token
 * @param merges "left right", best rank first; the caller has checked that each result is in the vocabulary
 */
export function createPreTokenEncoder(
  vocab: ReadonlyMap<string, number>,
  merges: readonly string[],
): PreTokenEncoder {
  const splitter = new SplitPreTokenizer({
    type: 'Split',
    pattern: { Regex: QWEN2_SPLIT },
    behavior: 'Isolated',
    invert: false,
  });
  const byteLevel = new ByteLevelPreTokenizer({
    type: 'ByteLevel',
    add_prefix_space: false,
    use_regex: false,
  });
  const bpe = createBpe(vocab, merges);
  const cache = new LRUCache<string, readonly number[]>({
    max: CACHED_PRE_TOKENS,
    maxSize: CACHE_UNITS,
    maxEntrySize: CACHE_UNITS_PER_PRE_TOKEN,
    sizeCalculation: (ids, preToken) => preToken.length + ids.length,
  });

  const encodePreToken = (preToken: string): readonly number[] => {
    const known = cache.get(preToken);
    if (known !== undefined) return known;
    const ids = bpe.encode(byteLevel.pre_tokenize_text(preToken)).map((token) => {
      const id = vocab.get(token);
      if (id === undefined) throw new EngineError('internal', 'Byte-pair encoding left the vocabulary.');
      return id;
    });
    cache.set(detached(preToken), ids);
    return ids;
  };

  return {
    encode(text, into) {
      for (const preToken of splitter.pre_tokenize_text(text)) {
        // Not push(...ids): one pre-token may have more ids than a call may have arguments.
        for (const id of encodePreToken(preToken)) into.push(id);
      }
    },
  };
}

/**
 * The library's BPE on a map that is there already. Its own constructor takes the vocabulary as an object and copies it
 * twice, and takes each merge apart to write it as JSON; with 150,000 of each that is most of what a tokenizer takes.
 */
function createBpe(vocab: ReadonlyMap<string, number>, merges: readonly string[]): BPE {
  const bpe = new BPE({ type: 'BPE', vocab: {}, merges: [], ignore_merges: false });
  // The library reads it only.
  bpe.tokens_to_ids = vocab as Map<string, number>;
  for (let rank = 0; rank < merges.length; rank++) bpe.bpe_ranks.set(rankKey(merges[rank] as string), rank);
  return bpe;
}

/** The library's name for a merge: both sides as JSON. @param merge "left right"; neither holds a blank */
function rankKey(merge: string): string {
  const blank = merge.indexOf(' ');
  const left = merge.slice(0, blank);
  const right = merge.slice(blank + 1);
  return NEEDS_ESCAPE.test(merge) ? JSON.stringify([left, right]) : `["${left}","${right}"]`;
}

/**
 * A copy of the string in memory of its own. V8 represents a longer substring as a view into the whole text, so
 * that a remembered pre-token would keep its entire prompt alive. UTF-16 keeps lone surrogates as they are.
 */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
