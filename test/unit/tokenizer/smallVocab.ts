import { createByteAlphabet } from '../../../src/inference/tokenizer/byteAlphabet';
import type { TokenizerVocab } from '../../../src/inference/tokenizer/tokenizer';

const NORMAL = 1;
const CONTROL = 3;

/** Best rank first. `Ġ` is a blank and `Ċ` a line feed in the byte alphabet. */
const MERGES = [
  'b c',
  'a b',
  'a a',
  'aa aa',
  'Ġ Ġ',
  'Ġ a',
  '1 2',
  "' s",
  "' S",
  's a',
  'S A',
  '; Ċ',
  'Ċ a',
  'Ċ Ċ',
  'Ã ©',
];

const SPECIALS = [
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
];

export interface ExtraToken {
  readonly token: string;
  readonly type: number;
}

/**
 * A small byte-level vocabulary: ids 0 to 255 are the bytes, then come the merged tokens, then the special tokens
 * (without those in `lacking`), then `extra`.
 */
export function smallVocab(
  options: { lacking?: readonly string[]; extra?: readonly ExtraToken[]; merges?: readonly string[] } = {},
): TokenizerVocab {
  const merges = options.merges ?? MERGES;
  const specials = SPECIALS.filter((token) => !options.lacking?.includes(token));
  const normal = [...createByteAlphabet().characters, ...merges.map((merge) => merge.replace(' ', ''))];
  const extra = options.extra ?? [];
  return {
    tokens: [...normal, ...specials, ...extra.map(({ token }) => token)],
    merges,
    tokenTypes: Int32Array.from([
      ...normal.map(() => NORMAL),
      ...specials.map(() => CONTROL),
      ...extra.map(({ type }) => type),
    ]),
    pre: 'qwen2',
  };
}
