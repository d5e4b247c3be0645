/** From a conversation to a prompt that fits, laid out so that what the KV cache holds stays useful. */
import { chatPrompt, type ChatMessage } from '../chatPrompt';
import type { PromptPart } from '../../inference/engine';
import type { CountTokens } from '../context/packContext';
import type { Turn } from './conversation';

/** What the format takes for each message beside its text: its beginning, role, end and line feed. */
const MESSAGE_TOKENS = 5;
/** The beginning of the answer. */
const ANSWER_TOKENS = 3;
/**
 * When turns have to go, so many do that this part of the room is free again. Each time the beginning of the prompt
 * changes, all behind it is evaluated anew: better once in a while than with every question.
 */
const FREED_PART = 0.5;

/** An answer's part of the context at most, where the setting asks for more than the context has room for. */
const ANSWER_PART = 0.5;

/** The part of a conversation that the model gets. */
export interface SentConversation {
  readonly turns: readonly Pick<Turn, 'message' | 'answer'>[];
  /** Index of the first turn that is sent. */
  readonly firstSent: number;
}

/** Tokens to keep free for an answer. */
export const answerRoom = (contextTokens: number, maxAnswerTokens: number): number =>
  Math.min(maxAnswerTokens, Math.floor(contextTokens * ANSWER_PART));

export interface PromptRoom {
  /** Tokens for prompt and answer together. */
  readonly contextTokens: number;
  /** Kept free for the answer. */
  readonly answerTokens: number;
}

/** Tokens that a conversation's prompt may have. */
export const promptRoom = ({ contextTokens, answerTokens }: PromptRoom): number =>
  contextTokens - answerTokens;

/** Tokens that a system message takes. */
export const systemTokens = async (system: string, countTokens: CountTokens): Promise<number> =>
  (await countTokens(system)) + MESSAGE_TOKENS;

/** Tokens that a question takes with the beginning of its answer. */
export const questionTokens = async (message: string, countTokens: CountTokens): Promise<number> =>
  (await countTokens(message)) + MESSAGE_TOKENS + ANSWER_TOKENS;

/**
 * From which turn on the conversation is to be sent, so that it fits with one more question. Turns that were left out
 * once stay out.
 *
 * @param room tokens for all turns and the question
 * @param question tokens of the question, see `questionTokens`
 * @returns index of the first turn that is sent; the number of turns when none is
 */
export async function firstTurnThatFits(
  { turns, firstSent }: SentConversation,
  room: number,
  question: number,
  countTokens: CountTokens,
): Promise<number> {
  const costs: number[] = [];
  for (const turn of turns) {
    const texts = `${turn.message}\n${turn.answer}`;
    costs.push(isSent(turn) ? (await countTokens(texts)) + 2 * MESSAGE_TOKENS : 0);
  }
  const behind = (first: number): number => costs.slice(first).reduce((sum, cost) => sum + cost, 0);
  if (behind(firstSent) + question <= room) return firstSent;
  const target = Math.max(0, (room - question) * FREED_PART);
  let first = firstSent;
  while (first < turns.length && behind(first) > target) first++;
  return first;
}

/** The prompt for the next answer: what is sent of the conversation, then the question. */
export function conversationPrompt(
  system: string,
  { turns, firstSent }: SentConversation,
  message: string,
): PromptPart[] {
  const messages: ChatMessage[] = system === '' ? [] : [{ role: 'system', content: system }];
  for (const turn of turns.slice(firstSent)) {
    if (!isSent(turn)) continue;
    messages.push({ role: 'user', content: turn.message }, { role: 'assistant', content: turn.answer });
  }
  messages.push({ role: 'user', content: message });
  return chatPrompt(messages);
}

/** A question without an answer says nothing to the model. */
const isSent = ({ answer }: Pick<Turn, 'answer'>): boolean => answer !== '';
