/** Conversations as they are kept, shown and sent to the model. */
import type { ContextKind } from '../context/contextItem';

/** A piece of context that went into a question, without its text. */
export interface TurnContext {
  readonly kind: ContextKind;
  readonly label: string;
}

export const TURN_STATES = ['waiting', 'writing', 'done', 'stopped', 'failed'] as const;
export type TurnState = (typeof TURN_STATES)[number];

/** What an answer cost. */
export interface TurnStats {
  readonly promptTokens: number;
  /** Of those, how many were still known. */
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  /** Answer tokens per second; absent for an answer too short to tell. */
  readonly tokensPerSecond?: number;
  /** From the question to the first word, in milliseconds. */
  readonly firstTokenMs: number;
}

/** One question with its answer. */
export interface Turn {
  readonly id: string;
  /** What the person wrote. */
  readonly question: string;
  readonly context: readonly TurnContext[];
  /** The question with its context as the model gets it; the same in every later prompt, so that it stays evaluated. */
  readonly message: string;
  readonly answer: string;
  readonly state: TurnState;
  /** What the person should know of this turn: what was left out, why it ended. */
  readonly notes: readonly string[];
  readonly stats?: TurnStats;
}

export interface Conversation {
  readonly id: string;
  /** Named by its first question until the person names it. */
  readonly title: string;
  readonly named: boolean;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  readonly turns: readonly Turn[];
  /** The first turn that is still sent to the model; earlier ones did not fit any more. */
  readonly firstSent: number;
}

/** Of the first question as much as a title needs. */
const TITLE_UNITS = 60;

export function newConversation(id: string, now: number): Conversation {
  return { id, title: 'New chat', named: false, changedAt: now, turns: [], firstSent: 0 };
}

/** The conversation with one more turn. */
export function withTurn(conversation: Conversation, turn: Turn, now: number): Conversation {
  const turns = [...conversation.turns, turn];
  return { ...conversation, ...titleOf(conversation, turns), turns, changedAt: now };
}

/** The conversation with a turn changed; as it is where there is no such turn. */
export function withChangedTurn(
  conversation: Conversation,
  id: string,
  change: Partial<Omit<Turn, 'id'>>,
): Conversation {
  const turns = conversation.turns.map((turn) => (turn.id === id ? { ...turn, ...change } : turn));
  return { ...conversation, turns };
}

/** The conversation as it was before a turn: that one and all behind it are gone. */
export function before(conversation: Conversation, id: string, now: number): Conversation {
  const at = conversation.turns.findIndex((turn) => turn.id === id);
  if (at < 0) return conversation;
  const turns = conversation.turns.slice(0, at);
  const firstSent = Math.min(conversation.firstSent, at);
  return { ...conversation, ...titleOf(conversation, turns), turns, firstSent, changedAt: now };
}

/** The conversation without one turn. */
export function without(conversation: Conversation, id: string, now: number): Conversation {
  const at = conversation.turns.findIndex((turn) => turn.id === id);
  if (at < 0) return conversation;
  const turns = conversation.turns.filter((turn) => turn.id !== id);
  const firstSent = conversation.firstSent > at ? conversation.firstSent - 1 : conversation.firstSent;
  return { ...conversation, ...titleOf(conversation, turns), turns, firstSent, changedAt: now };
}

export function renamed(conversation: Conversation, title: string): Conversation {
  const text = oneLine(title);
  return text === '' ? conversation : { ...conversation, title: text, named: true };
}

/** A conversation as a Markdown document. */
export function toMarkdown({ title, turns }: Conversation): string {
  const parts = turns.map(({ question, context, answer }) => {
    const with_ = context.length === 0 ? '' : `\n\n*With: ${context.map(({ label }) => label).join(', ')}*`;
    return `## Question\n\n${question}${with_}\n\n## Answer\n\n${answer}\n`;
  });
  return `# ${title}\n\n${parts.join('\n')}`;
}

function titleOf({ named, title }: Conversation, turns: readonly Turn[]): Pick<Conversation, 'title'> {
  if (named) return { title };
  const first = turns[0];
  return { title: first === undefined ? 'New chat' : oneLine(first.question) || 'New chat' };
}

function oneLine(text: string): string {
  const line = text.trim().split(/\s*\n/, 1)[0]?.trim() ?? '';
  return line.length <= TITLE_UNITS ? line : `${line.slice(0, TITLE_UNITS - 1).trimEnd()}…`;
}
