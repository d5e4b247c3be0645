import type { Clock } from './clock';
import type { Generation } from './generation';
import type { CompletionOutcome, ReplacedRange, Suggestion, SuggestionSource } from './outcome';
import type { DocumentSnapshot } from './snapshot';
import type { CompletionTrace, CompletionTrigger, PromptPiece } from './trace';

type GenerationFacts = Pick<
  CompletionTrace,
  | 'estimatedPromptTokens'
  | 'promptTokens'
  | 'cachedTokens'
  | 'queueMs'
  | 'prefillMs'
  | 'generatedTokens'
  | 'firstTextMs'
  | 'pieces'
  | 'rules'
>;

export interface SuggestionFacts {
  readonly source: SuggestionSource;
  readonly endedBy: string;
  readonly probabilities: readonly number[];
}

/** Collects, during one call, what its trace and its suggestion will say. Times in milliseconds. */
export class CallRecord {
  prepareMs = 0;
  debounceMs = 0;
  adopted = false;
  readonly #snapshot: DocumentSnapshot;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #facts: GenerationFacts = {};

  constructor(
    snapshot: DocumentSnapshot,
    readonly trigger: CompletionTrigger,
    clock: Clock,
  ) {
    this.#snapshot = snapshot;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** Notes what a generation has cost so far. */
  generated(generation: Generation, estimatedPromptTokens: number, pieces: readonly PromptPiece[]): void {
    const { stats, tokens, firstTextAt, firedRules } = generation;
    this.#facts = {
      estimatedPromptTokens,
      generatedTokens: tokens,
      pieces,
      ...(firedRules.length === 0 ? {} : { rules: firedRules }),
      ...(stats === undefined
        ? {}
        : {
            promptTokens: stats.promptTokens,
            cachedTokens: stats.cachedTokens,
            queueMs: stats.queueMs,
            prefillMs: stats.prefillMs,
          }),
      // An adopted generation may have begun to write before this call.
      ...(firstTextAt === undefined ? {} : { firstTextMs: Math.max(0, firstTextAt - this.#startedAt) }),
    };
  }

  /** @param text not blank, with the document's ends of line */
  suggestion(
    text: string,
    range: ReplacedRange,
    { source, endedBy, probabilities }: SuggestionFacts,
  ): Suggestion {
    const { generatedTokens = 0, firstTextMs } = this.#facts;
    return {
      kind: 'suggestion',
      text,
      range,
      source,
      tokens: source === 'engine' ? generatedTokens : 0,
      ms: this.#clock.now() - this.#startedAt,
      ...(source !== 'engine' || firstTextMs === undefined ? {} : { firstTextMs }),
      endedBy,
      probabilities,
    };
  }

  trace(outcome: CompletionOutcome): CompletionTrace {
    const { uri, languageId, version, offset } = this.#snapshot;
    return {
      uri,
      languageId,
      version,
      offset,
      trigger: this.trigger,
      ...(outcome.kind === 'suggestion'
        ? {
            ...{ result: 'suggestion', source: outcome.source, endedBy: outcome.endedBy },
            ...probabilityOf(outcome),
          }
        : { result: outcome.reason, ...(outcome.detail === undefined ? {} : { detail: outcome.detail }) }),
      totalMs: this.#clock.now() - this.#startedAt,
      prepareMs: this.prepareMs,
      debounceMs: this.debounceMs,
      adopted: this.adopted,
      ...this.#facts,
      suggestedLength: outcome.kind === 'suggestion' ? outcome.text.length : 0,
    };
  }
}

/** Of its first line. */
function probabilityOf({
  probabilities: [probability] = [],
}: Suggestion): Pick<CompletionTrace, 'probability'> {
  return probability === undefined ? {} : { probability };
}
