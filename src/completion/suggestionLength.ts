/** How much a suggestion is to hold. */

/**
 * `auto`: what the place asks for, a statement or a block. `line`: one line. `block`: to the end of the block. `more`:
 * as far as the model goes, over the ends of blocks.
 */
export type SuggestionLength = 'auto' | 'line' | 'block' | 'more';

/** New tokens at most; `auto` takes the person's setting. */
const MAX_NEW_TOKENS: Readonly<Record<Exclude<SuggestionLength, 'auto'>, number>> = {
  line: 64,
  block: 256,
  more: 512,
};

/** @param setting the person's limit for what comes by itself */
export const maxNewTokensFor = (length: SuggestionLength, setting: number): number =>
  length === 'auto' ? setting : MAX_NEW_TOKENS[length];
