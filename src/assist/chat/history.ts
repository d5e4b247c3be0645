/** Conversations of a workspace within a limit, as text that can be kept in a file. */
import * as v from 'valibot';
import { CONTEXT_KINDS } from '../context/contextItem';
import { TURN_STATES, type Conversation } from './conversation';

/** Conversations kept at most. */
export const MAX_CONVERSATIONS = 50;
/** Size of all of them as text at most, in UTF-16 units: read and written as a whole. */
export const MAX_HISTORY_UNITS = 4_000_000;

const count = v.pipe(v.number(), v.minValue(0));
const turn = v.object({
  id: v.string(),
  question: v.string(),
  context: v.array(v.object({ kind: v.picklist(CONTEXT_KINDS), label: v.string() })),
  message: v.string(),
  answer: v.string(),
  state: v.picklist(TURN_STATES),
  notes: v.array(v.string()),
  stats: v.exactOptional(
    v.object({
      promptTokens: count,
      cachedTokens: count,
      generatedTokens: count,
      tokensPerSecond: v.exactOptional(count),
      firstTokenMs: count,
    }),
  ),
});
const conversation = v.object({
  id: v.string(),
  title: v.string(),
  named: v.boolean(),
  changedAt: v.number(),
  turns: v.array(turn),
  firstSent: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
const historySchema = v.object({
  version: v.literal(1),
  /** The one that was open last. */
  open: v.exactOptional(v.string()),
  conversations: v.array(conversation),
});

export interface History {
  readonly open?: string;
  /** Newest first; none without turns. */
  readonly conversations: readonly Conversation[];
}

export const EMPTY_HISTORY: History = { conversations: [] };

/** The history with a conversation as it is now, newest first; one without turns is not kept. */
export function withConversation({ conversations, open }: History, changed: Conversation): History {
  const others = conversations.filter(({ id }) => id !== changed.id);
  const all = changed.turns.length === 0 ? others : [changed, ...others];
  const sorted = all.toSorted((a, b) => b.changedAt - a.changedAt);
  return { ...(open === undefined ? {} : { open }), conversations: sorted };
}

/** As text, the oldest conversations left out where there are too many or they are too long. */
export function writeHistory({ open, conversations }: History): string {
  let kept = conversations.slice(0, MAX_CONVERSATIONS);
  for (;;) {
    const text = JSON.stringify({ version: 1, ...(open === undefined ? {} : { open }), conversations: kept });
    if (text.length <= MAX_HISTORY_UNITS || kept.length <= 1) return text;
    kept = kept.slice(0, -1);
  }
}

/**
 * @returns undefined for what is no history of this version. An answer that was being written when the window closed
 *   counts as stopped.
 */
export function readHistory(text: string): History | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(historySchema, value);
  if (!result.success) return undefined;
  const { open, conversations } = result.output;
  return {
    ...(open === undefined ? {} : { open }),
    conversations: conversations.map((one) => ({
      ...one,
      firstSent: Math.min(one.firstSent, one.turns.length),
      turns: one.turns.map((it) =>
        it.state === 'waiting' || it.state === 'writing' ? { ...it, state: 'stopped' as const } : it,
      ),
    })),
  };
}
