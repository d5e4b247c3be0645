import type { NoneReason, SuggestionSource } from './outcome';

export type CompletionTrigger = 'automatic' | 'explicit';

/** A part of a prompt, in the order in which the model reads them. */
export interface PromptPiece {
  /** What it is, in a word or two: `before the cursor`. Never text of a document. */
  readonly kind: string;
  /** Where it comes from, where that is another document. Not for the output log. */
  readonly origin?: string;
  /** By our estimate. */
  readonly tokens: number;
}

/** One call to `Completer.complete`, for a log. Holds no text of the document. Times in milliseconds. */
export interface CompletionTrace {
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly offset: number;
  readonly trigger: CompletionTrigger;
  readonly result: 'suggestion' | NoneReason;
  readonly detail?: string;
  readonly source?: SuggestionSource;
  /** From the call to its end. */
  readonly totalMs: number;
  /** Spent on our own work before the engine was asked: window, prompt, cache. */
  readonly prepareMs: number;
  /** Waited for the person to pause; 0 where nothing was waited for. */
  readonly debounceMs: number;
  /** The call took over a generation that an earlier call had started. */
  readonly adopted: boolean;
  /** From the call to the engine's first text. */
  readonly firstTextMs?: number;
  /** Our estimate of the prompt's tokens, next to what the engine counted. */
  readonly estimatedPromptTokens?: number;
  readonly promptTokens?: number;
  /** Prompt tokens that were still in the KV cache. */
  readonly cachedTokens?: number;
  readonly queueMs?: number;
  readonly prefillMs?: number;
  readonly generatedTokens?: number;
  /** UTF-16 units shown; 0 without a suggestion. */
  readonly suggestedLength: number;
  readonly endedBy?: string;
  /** How likely its first line is right, by the model's own account, from 0 to 1. */
  readonly probability?: number;
  /** What the prompt was made of, where the engine was asked. */
  readonly pieces?: readonly PromptPiece[];
  /** End rules that saw an end where the text was cut, the one that decided included. */
  readonly rules?: readonly string[];
}
