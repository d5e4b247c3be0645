/** How much of the context a question may fill, and what is left out of it where it would be more. */
import type { Engine } from '../inference/engine';
import { EngineError } from '../inference/errors';

/** UTF-16 units of a token where the engine cannot count: few, so that the estimate is rather too large. */
const UNITS_PER_TOKEN = 2.5;
/** Roles, fences and special tokens of a conversation. */
const FRAME_TOKENS = 64;
/** An answer shorter than this is none. */
const LEAST_ANSWER_TOKENS = 128;
const CONTEXT_UNLOADED_TOKENS = 2048;

/** Tokens that question and answer may fill together. */
export function contextTokens({ status }: Engine): number {
  return status.state === 'ready' || status.state === 'working'
    ? status.model.contextTokens
    : CONTEXT_UNLOADED_TOKENS;
}

export async function countTokens(engine: Engine, text: string): Promise<number> {
  if (engine.countTokens !== undefined && engine.capabilities.tokenCounts) return engine.countTokens(text);
  return Math.ceil(text.length / UNITS_PER_TOKEN);
}

/**
 * Room for an answer behind a question of these texts.
 *
 * @param wanted tokens
 * @throws EngineError `context-overflow` where hardly any is left
 */
export async function answerRoom(engine: Engine, texts: readonly string[], wanted: number): Promise<number> {
  const used = (await countTokens(engine, texts.join('\n'))) + FRAME_TOKENS;
  const left = contextTokens(engine) - used;
  if (left < Math.min(wanted, LEAST_ANSWER_TOKENS)) {
    throw new EngineError(
      'context-overflow',
      'This is too much code for the model at once. Select less, or raise qwenCoder.contextTokens.',
      { usedTokens: used, contextTokens: contextTokens(engine) },
    );
  }
  return Math.min(wanted, left);
}

/**
 * The whole lines at the end (or the beginning) of a text that fit.
 *
 * @param maxTokens may be overstepped by nothing
 */
export async function fitLines(
  engine: Engine,
  text: string,
  maxTokens: number,
  keep: 'end' | 'start',
): Promise<string> {
  let kept = text;
  for (;;) {
    const tokens = await countTokens(engine, kept);
    if (tokens <= maxTokens) return kept;
    const lines = kept.split('\n');
    const share = Math.min(0.9, maxTokens / tokens);
    const count = Math.floor(lines.length * share);
    if (count === 0) return '';
    kept = (keep === 'end' ? lines.slice(-count) : lines.slice(0, count)).join('\n');
  }
}
