/** The conversation that is open: asks the engine, follows the answer, keeps what is to be kept. No editor in it. */
import type { Engine, GenerateEvent, SamplingOptions } from '../../inference/engine';
import { EngineError, type WireError } from '../../inference/errors';
import type { ContextItem } from '../context/contextItem';
import { leftOutInWords, packContext, type CountTokens } from '../context/packContext';
import {
  before,
  newConversation,
  renamed,
  withChangedTurn,
  without,
  withTurn,
  type Conversation,
  type Turn,
  type TurnStats,
} from './conversation';
import {
  answerRoom,
  conversationPrompt,
  firstTurnThatFits,
  promptRoom,
  questionTokens,
  systemTokens,
} from './conversationPrompt';
import { repetitionStart } from './repetition';
import { instructionOf, parseQuestion } from './slashCommands';
import { CHAT_SYSTEM } from './systemPrompt';

export interface ChatSessionDeps {
  /** The engine for chat, loaded. @throws EngineError */
  readonly engine: (signal: AbortSignal) => Promise<Engine>;
  /** Tokens that prompt and answer may fill together. */
  readonly contextTokens: () => number;
  readonly maxAnswerTokens: () => number;
  /** How another answer to the same question is drawn; the first one takes the likeliest token each time. */
  readonly retrySampling?: SamplingOptions;
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

export interface ChatListener {
  /** Something but the text of the answer under way has changed. */
  onChange(conversation: Conversation): void;
  /** The answer under way has grown; `at` is its length before. */
  onText(turn: string, at: number, text: string): void;
  /** The engine failed; the turn says so as well. */
  onError(error: WireError): void;
}

/** Of what is left beside the answer, what context may take at most: the conversation wants some as well. */
const CONTEXT_PART = 0.75;

export class ChatSession {
  #conversation: Conversation;
  /** The end of the last change asked for. */
  #tail: Promise<void> = Promise.resolve();
  /** Changes that wait for the one under way. */
  #waiting = 0;
  #running: { readonly controller: AbortController; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly deps: ChatSessionDeps,
    private readonly listener: ChatListener,
  ) {
    this.#conversation = newConversation(deps.newId(), deps.wallClock());
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Ends what runs and opens another conversation, or a new one. */
  open(conversation?: Conversation): Promise<void> {
    const { newId, wallClock } = this.deps;
    return this.#alone(() => this.#set(conversation ?? newConversation(newId(), wallClock())));
  }

  /**
   * Asks a question with its context. An answer under way is stopped first. Never rejects: what goes wrong stands in
   * the turn.
   */
  ask(question: string, items: readonly ContextItem[]): Promise<void> {
    return this.#alone(() => this.#ask(question, items));
  }

  /** Asks an earlier question again; what came behind it goes. */
  retry(id: string): Promise<void> {
    return this.#alone(() => this.#retry(id));
  }

  /** Takes an earlier question back, with all behind it, and asks another one in its place. */
  edit(id: string, question: string, items: readonly ContextItem[]): Promise<void> {
    return this.#alone(async () => {
      if (this.#turn(id) === undefined) return;
      this.#conversation = before(this.#conversation, id, this.deps.wallClock());
      await this.#ask(question, items);
    });
  }

  deleteTurn(id: string): Promise<void> {
    return this.#alone(() => this.#set(without(this.#conversation, id, this.deps.wallClock())));
  }

  rename(title: string): void {
    this.#set(renamed(this.#conversation, title));
  }

  /** Ends the answer under way; what has been written stays. */
  async stop(): Promise<void> {
    this.#running?.controller.abort();
    await this.#running?.done;
  }

  async #ask(question: string, items: readonly ContextItem[]): Promise<void> {
    const { newId, wallClock } = this.deps;
    const turn: Turn = {
      id: newId(),
      question,
      context: items.map(({ kind, label }) => ({ kind, label })),
      message: '',
      answer: '',
      state: 'waiting',
      notes: [],
    };
    const former = this.#conversation;
    this.#conversation = withTurn(former, turn, wallClock());
    await this.#run(turn.id, (count) => this.#messageOf(former, turn, items, count));
  }

  async #retry(id: string): Promise<void> {
    const turn = this.#turn(id);
    if (turn === undefined) return;
    const former = before(this.#conversation, id, this.deps.wallClock());
    const again: Turn = {
      id,
      question: turn.question,
      context: turn.context,
      message: turn.message,
      answer: '',
      state: 'waiting',
      notes: [],
    };
    this.#conversation = withTurn(former, again, this.deps.wallClock());
    // Where not even the message was made, there is no context to be had any more: the question alone is asked.
    const known = { message: turn.message, notes: [] };
    await this.#run(
      id,
      (count) => (turn.message === '' ? this.#messageOf(former, again, [], count) : Promise.resolve(known)),
      this.deps.retrySampling,
    );
  }

  /** One change at a time: it stops what runs, and is stopped by what comes after it. */
  async #alone(change: () => Promise<void> | void): Promise<void> {
    const former = this.#tail;
    let end: () => void = () => undefined;
    this.#tail = new Promise((resolve) => (end = resolve));
    this.#waiting++;
    this.#running?.controller.abort();
    await former;
    this.#waiting--;
    try {
      await change();
    } finally {
      end();
    }
  }

  /** The question with its context as the model gets it. */
  async #messageOf(
    { turns }: Conversation,
    { question }: Turn,
    items: readonly ContextItem[],
    count: CountTokens,
  ): Promise<{ message: string; notes: readonly string[] }> {
    const instruction = instructionOf(parseQuestion(question));
    const room = this.#room() - (await systemTokens(CHAT_SYSTEM, count));
    const forContext =
      room * (turns.length === 0 ? 1 : CONTEXT_PART) - (await questionTokens(instruction, count));
    const packed = await packContext(items, Math.floor(forContext), count);
    const note = leftOutInWords(packed);
    const message = packed.text === '' ? instruction : `${packed.text}\n\n${instruction}`;
    return { message, notes: note === undefined ? [] : [note] };
  }

  #answerTokens(): number {
    const { contextTokens, maxAnswerTokens } = this.deps;
    return answerRoom(contextTokens(), maxAnswerTokens());
  }

  #room(): number {
    return promptRoom({ contextTokens: this.deps.contextTokens(), answerTokens: this.#answerTokens() });
  }

  async #run(
    id: string,
    compose: (count: CountTokens) => Promise<{ message: string; notes: readonly string[] }>,
    sampling?: SamplingOptions,
  ): Promise<void> {
    const controller = new AbortController();
    if (this.#waiting > 0) controller.abort();
    const done = this.#answer(id, compose, sampling, controller.signal).finally(() => {
      if (this.#running?.controller === controller) this.#running = undefined;
      this.listener.onChange(this.#conversation);
    });
    this.#running = { controller, done };
    this.listener.onChange(this.#conversation);
    await done;
  }

  async #answer(
    id: string,
    compose: (count: CountTokens) => Promise<{ message: string; notes: readonly string[] }>,
    sampling: SamplingOptions | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const engine = await this.deps.engine(signal);
      const count: CountTokens = (text) => engine.countTokens?.(text) ?? Math.ceil(text.length / 3);
      const { message, notes } = await compose(count);
      signal.throwIfAborted();
      this.#changeTurn(id, { message, notes });
      await this.#makeRoom(id, message, count);
      signal.throwIfAborted();
      const at = this.#conversation.turns.findIndex((turn) => turn.id === id);
      const former = { ...this.#conversation, turns: this.#conversation.turns.slice(0, at) };
      const prompt = conversationPrompt(CHAT_SYSTEM, former, message);
      const events = engine.generate(
        {
          prompt,
          maxTokens: this.#answerTokens(),
          priority: 'background',
          ...(sampling === undefined ? {} : { sampling }),
        },
        signal,
      );
      await this.#follow(id, events);
    } catch (error) {
      if (signal.aborted) {
        this.#changeTurn(id, { state: 'stopped' });
        return;
      }
      const failure = EngineError.from(error);
      this.#changeTurn(id, { state: 'failed', notes: [...this.#notes(id), failure.message] });
      this.listener.onError(failure.toWire());
    }
  }

  /** Leaves out earlier turns where the conversation does not fit any more. */
  async #makeRoom(id: string, message: string, count: CountTokens): Promise<void> {
    const conversation = this.#conversation;
    const at = conversation.turns.findIndex((turn) => turn.id === id);
    const room = this.#room() - (await systemTokens(CHAT_SYSTEM, count));
    const former = {
      turns: conversation.turns.slice(0, at),
      firstSent: Math.min(conversation.firstSent, at),
    };
    const first = await firstTurnThatFits(former, room, await questionTokens(message, count), count);
    if (first === conversation.firstSent) return;
    this.#conversation = { ...this.#conversation, firstSent: first };
  }

  async #follow(id: string, events: AsyncIterable<GenerateEvent>): Promise<void> {
    const askedAt = this.deps.now();
    let firstTokenMs = 0;
    let answer = '';
    for await (const event of events) {
      if (event.type === 'prefilled') {
        firstTokenMs = this.deps.now() - askedAt;
        this.#changeTurn(id, { state: 'writing' });
        this.listener.onChange(this.#conversation);
      } else if (event.type === 'text') {
        const at = answer.length;
        answer += event.text;
        const repeated = event.text.length === 0 ? undefined : repetitionStart(answer);
        if (repeated !== undefined) {
          answer = answer.slice(0, repeated);
          this.#changeTurn(id, { answer, state: 'done', notes: [...this.#notes(id), REPEATED] });
          return;
        }
        this.#changeTurn(id, { answer });
        this.listener.onText(id, at, event.text);
      } else if (event.type === 'done') {
        const { promptTokens, cachedTokens, generatedTokens, decodeMs } = event.stats;
        const runs = generatedTokens - 1;
        const stats: TurnStats = {
          promptTokens,
          cachedTokens,
          generatedTokens,
          firstTokenMs,
          ...(runs > 0 && decodeMs > 0 ? { tokensPerSecond: (1000 * runs) / decodeMs } : {}),
        };
        const cut = event.reason === 'max-tokens' || event.reason === 'context-full';
        const notes = cut ? [...this.#notes(id), TOO_LONG] : this.#notes(id);
        this.#changeTurn(id, { state: 'done', stats, notes });
      }
    }
  }

  #turn(id: string): Turn | undefined {
    return this.#conversation.turns.find((turn) => turn.id === id);
  }

  #notes(id: string): readonly string[] {
    return this.#turn(id)?.notes ?? [];
  }

  #changeTurn(id: string, change: Partial<Omit<Turn, 'id'>>): void {
    this.#conversation = withChangedTurn(this.#conversation, id, change);
  }

  #set(conversation: Conversation): void {
    this.#conversation = conversation;
    this.listener.onChange(conversation);
  }
}

const REPEATED = 'Stopped: the answer began to repeat itself.';
const TOO_LONG = 'The answer was cut off: it had reached its longest length. Ask to continue.';
