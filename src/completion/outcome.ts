import type { EngineError } from '../inference/errors';

/** Where a suggestion came from: freshly generated, kept from the same place before, or the rest of one typed into. */
export type SuggestionSource = 'engine' | 'cache' | 'typed-along';

/** UTF-16 offsets in the snapshot's text; `start <= offset <= end`, all on the cursor's line. */
export interface ReplacedRange {
  readonly start: number;
  readonly end: number;
}

export interface Suggestion {
  readonly kind: 'suggestion';
  /** What replaces `range`, with the document's own ends of line. */
  readonly text: string;
  readonly range: ReplacedRange;
  readonly source: SuggestionSource;
  /** Tokens generated for it; 0 where no engine was asked. */
  readonly tokens: number;
  /** From the call to the answer, in milliseconds. */
  readonly ms: number;
  /** From the call to the engine's first text, where the engine was asked. */
  readonly firstTextMs?: number;
  /** Name of the end rule that ended the text, or the engine's own reason. */
  readonly endedBy: string;
  /**
   * How likely each of its lines that is not blank is right where those above it are, by the model's own account, from
   * 0 to 1.
   */
  readonly probabilities?: readonly number[];
}

/** Why there is no suggestion; `engine-failed` stands apart because it carries its error. */
export type QuietReason =
  /** A newer call took this one's place. */
  | 'superseded'
  /** The caller's signal was aborted. */
  | 'cancelled'
  /** The model had nothing, or nothing but blanks, to say here. */
  | 'empty'
  /** All that the model said already stands before or after the cursor. */
  | 'only-repeats'
  /** The document parsed, and would not with any of it. */
  | 'breaks-syntax'
  /** The model has a suggestion, but thinks itself that it is hardly right; asked by hand it is shown. */
  | 'unsure'
  /** The model could not be loaded earlier; an explicit call tries again, an automatic one does not. */
  | 'engine-not-ready'
  /** The text is longer than completion handles. */
  | 'document-too-large'
  /** The snapshot's offset lies outside its text or inside a surrogate pair. */
  | 'invalid-offset'
  /** The completer has been disposed of. */
  | 'disposed';

export type NoneReason = QuietReason | 'engine-failed';

export type NoSuggestion =
  | {
      readonly kind: 'none';
      readonly reason: QuietReason;
      /** Plain words for a log; never text of the document. */
      readonly detail?: string;
    }
  | {
      readonly kind: 'none';
      readonly reason: 'engine-failed';
      readonly error: EngineError;
      readonly detail?: string;
    };

export type CompletionOutcome = Suggestion | NoSuggestion;

/** Short form for the quiet cases. */
export function none(reason: QuietReason, detail?: string): NoSuggestion {
  return detail === undefined ? { kind: 'none', reason } : { kind: 'none', reason, detail };
}
