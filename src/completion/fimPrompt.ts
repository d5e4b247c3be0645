/**
 * The prompt for filling in the middle, in the order Qwen2.5-Coder was trained on: prefix, suffix, middle. With the
 * suffix first, which would suit the KV cache better, the answers are far worse.
 */
import type { GenerateRequest, PromptPart, SpecialToken } from '../inference/engine';

/** Everything that can follow a finished middle; the model rarely chooses `fim_pad` but was trained with it. */
export const FIM_STOP_TOKENS: readonly SpecialToken[] = [
  'endoftext',
  'fim_prefix',
  'fim_middle',
  'fim_suffix',
  'fim_pad',
  'file_sep',
  'repo_name',
  'im_start',
  'im_end',
];

/** @param prefix text before the cursor, LF alone; @param suffix text behind it, LF alone */
export function fimPrompt(prefix: string, suffix: string): readonly PromptPart[] {
  return [
    { special: 'fim_prefix' },
    { text: prefix },
    { special: 'fim_suffix' },
    { text: suffix },
    { special: 'fim_middle' },
  ];
}

/** Special tokens in every such prompt. */
export const FIM_PROMPT_SPECIALS = 3;

/**
 * Who types has more to say: that the model finds the text whole as it stands, which is where it ends at once, is no
 * answer to somebody in the middle of a line.
 */
const MIN_TOKENS = 1;

/** Tokens of the suffix that say whether it follows; more say little more. */
const END_SCORED_TOKENS = 5;

export interface FimOptions {
  /** What stands before all of it, such as other files of the repository. */
  readonly context?: readonly PromptPart[];
  /** End of the prefix that is spelled anew. */
  readonly spell?: string;
  /** As `GenerateRequest.keepSuffix`. */
  readonly keepSuffix?: boolean;
}

/** @returns the request that lets the model write at most `maxTokens` tokens between prefix and suffix, greedily */
export function fimRequest(
  prefix: string,
  suffix: string,
  maxTokens: number,
  { context = [], spell = '', keepSuffix = false }: FimOptions = {},
): GenerateRequest {
  const before = prefix.slice(0, prefix.length - spell.length);
  return {
    ...{ prompt: [...context, ...fimPrompt(before, suffix)], maxTokens, stopTokens: FIM_STOP_TOKENS },
    ...(spell !== '' && { spell }),
    ...(keepSuffix && { keepSuffix }),
    minTokens: MIN_TOKENS,
    ...(suffix.trim() !== '' && { endScoring: { suffix, tokens: END_SCORED_TOKENS } }),
  };
}
