/** Requests of the same lengths as recorded ones, over text of our own. */
import { fimPrompt } from '../../../src/completion/fimPrompt';
import type { PromptPart } from '../../../src/inference/engine';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { sampleCode, TOKENS_PER_FUNCTION } from '../sampleCode';
import type { RecordedSequence } from './requestLog';

export interface MadeUpRequest {
  readonly prompt: readonly PromptPart[];
  /** At least one: time is taken by the first. */
  readonly tokens: number;
}

/**
 * What the requests share is the same; lengths are those recorded or nearly so, since text that is cut between tokens
 * may be encoded otherwise.
 * @param seed another text for each
 */
export function madeUpRequests(
  { requests }: RecordedSequence,
  tokenizer: Tokenizer,
  seed: number,
): MadeUpRequest[] {
  const fresh = requests.reduce(
    (sum, { prefix, sharedPrefix, suffix, sharedSuffix }) =>
      sum + prefix - sharedPrefix + suffix - sharedSuffix,
    0,
  );
  const ids = tokenizer.encode(sampleCode(seed, Math.ceil(fresh / TOKENS_PER_FUNCTION) + 1));
  let used = 0;
  const take = (count: number): number[] => ids.slice(used, (used += count));
  let prefixIds: number[] = [];
  let suffixIds: number[] = [];
  return requests.map(({ prefix, sharedPrefix, suffix, sharedSuffix, generated }) => {
    prefixIds = [...prefixIds.slice(0, sharedPrefix), ...take(prefix - sharedPrefix)];
    const end = sharedSuffix === 0 ? [] : suffixIds.slice(-sharedSuffix);
    suffixIds = [...take(suffix - sharedSuffix), ...end];
    const prompt = fimPrompt(tokenizer.decode(prefixIds), tokenizer.decode(suffixIds));
    return { prompt, tokens: Math.max(1, generated) };
  });
}
