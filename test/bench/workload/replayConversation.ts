/** Conversations of the same lengths as recorded ones, over text of our own. */
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { sampleOfTokens } from '../sampleCode';
import type { RecordedConversation } from './conversationLog';

/** Asks one question. @returns what was written */
export type AskQuestion = (prompt: string, tokens: number) => Promise<string>;

/**
 * Each prompt is the one before, what the engine has written to it, and as much new text as was recorded: so the engine may
 * find in its KV cache what it would find in a real conversation.
 * @param seed another text for each
 */
export async function replayConversation(
  { turns }: RecordedConversation,
  tokenizer: Tokenizer,
  seed: number,
  ask: AskQuestion,
): Promise<void> {
  let text = '';
  for (const [at, { fresh, generated }] of turns.entries()) {
    text += sampleOfTokens(tokenizer, seed + at, fresh);
    text += await ask(text, Math.max(1, generated));
  }
}
