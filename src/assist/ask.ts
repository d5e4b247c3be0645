/** One question to the model and its answer, in the background so that suggestions never wait for it. */
import type { Engine, FinishReason, SamplingOptions } from '../inference/engine';
import { EngineError } from '../inference/errors';
import { chatPrompt, type ChatMessage } from './chatPrompt';

export interface Question {
  readonly messages: readonly ChatMessage[];
  /** Beginning of the answer, put into the model's mouth: it goes on from there. */
  readonly prefill?: string;
  readonly maxTokens: number;
  readonly stopStrings?: readonly string[];
  /** Greedy without it. */
  readonly sampling?: SamplingOptions;
}

export interface Answer {
  /** With the question's `prefill`. */
  readonly text: string;
  /** False where the answer was cut off by a limit. */
  readonly whole: boolean;
  readonly reason: FinishReason;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** The answer so far, with the question's `prefill`. */
  readonly onText?: (text: string) => void;
  /** Ends the answer early, which then does not count as whole. */
  readonly enough?: (text: string) => boolean;
}

/**
 * Asks, decoding greedily unless the question says otherwise.
 *
 * @throws EngineError `aborted` by the signal, `context-overflow` where the question leaves too little room
 */
export async function ask(engine: Engine, question: Question, options: AskOptions = {}): Promise<Answer> {
  const { messages, prefill = '', maxTokens, stopStrings, sampling } = question;
  const { signal, onText, enough } = options;
  const prompt = [...chatPrompt(messages), ...(prefill === '' ? [] : [{ text: prefill }])];
  const request = {
    prompt,
    maxTokens,
    priority: 'background' as const,
    ...(stopStrings === undefined ? {} : { stopStrings }),
    ...(sampling === undefined ? {} : { sampling }),
  };
  let text = prefill;
  for await (const event of engine.generate(request, signal)) {
    if (event.type === 'text') {
      text += event.text;
      onText?.(text);
      if (enough?.(text) === true) return { text, whole: false, reason: 'max-tokens' };
    }
    if (event.type === 'done') {
      const { reason } = event;
      return { text, whole: reason === 'stop-token' || reason === 'stop-string', reason };
    }
  }
  throw new EngineError('internal', 'A generation ended without saying why.');
}
