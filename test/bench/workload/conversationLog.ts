/** What chat asks of an engine, kept as numbers: each prompt repeats the one before with its answer, and adds to them. */
import { commonStart } from '../../../src/inference/session/commonTokens';
import type { GenerateRequest } from '../../../src/inference/engine';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';

/** One question with its answer. All in tokens. */
export interface RecordedTurn {
  /** Of the prompt, what is neither in the prompt before nor in its answer. */
  readonly fresh: number;
  readonly generated: number;
}

/** Questions and answers, in their order. */
export interface RecordedConversation {
  readonly name: string;
  readonly turns: readonly RecordedTurn[];
}

export class ConversationLog {
  readonly conversations: RecordedConversation[] = [];
  #turns: RecordedTurn[] = [];
  /** The last prompt with its answer. */
  #before: readonly number[] = [];

  constructor(private readonly tokenizer: Pick<Tokenizer, 'encode' | 'encodePrompt'>) {}

  /** A request has been answered. @param generated tokens */
  note({ prompt }: Pick<GenerateRequest, 'prompt'>, answer: string, generated: number): void {
    const ids = this.tokenizer.encodePrompt(prompt);
    this.#turns.push({ fresh: ids.length - commonStart(ids, this.#before), generated });
    this.#before = [...ids, ...this.tokenizer.encode(answer)];
  }

  /** The conversation is done; what follows is of another one. */
  endConversation(name: string): void {
    this.conversations.push({ name, turns: this.#turns });
    this.#turns = [];
    this.#before = [];
  }
}
