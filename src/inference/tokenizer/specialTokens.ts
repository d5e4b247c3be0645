import { SPECIAL_TOKENS, type SpecialToken } from '../engine';

/** How Qwen2.5-Coder's vocabulary spells a special token, e.g. `<|fim_prefix|>`. */
export function specialTokenSpelling(token: SpecialToken): string {
  return `<|${token}|>`;
}

/** Spelling to name, for all special tokens that a prompt may hold. */
export function specialTokensBySpelling(): ReadonlyMap<string, SpecialToken> {
  return new Map(SPECIAL_TOKENS.map((token) => [specialTokenSpelling(token), token]));
}
