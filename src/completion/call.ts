import type { SuggestionLength } from './suggestionLength';
import type { CompletionTrigger } from './trace';

export interface CallOptions {
  readonly length?: SuggestionLength;
  readonly atOnce?: boolean;
}

/** How a call was made. */
export interface Call extends Required<CallOptions> {
  readonly trigger: CompletionTrigger;
}

export const CALL_BY_HAND: Call = { trigger: 'explicit', length: 'auto', atOnce: true };
export const CALL_BY_ITSELF: Call = { trigger: 'automatic', length: 'auto', atOnce: true };
