/** One request to the engine, from its start to a text that can be shown. */
import type { Engine, FinishReason, GenerateRequest, GenerateStats } from '../inference/engine';
import { EngineError, isAborted } from '../inference/errors';
import type { Mark } from './certainty';
import type { Clock } from './clock';
import type { EndRuleContext } from './endRules/endRule';
import { findEnd, type FoundEnd } from './endRules/pipeline';
import { shapeText } from './shapeText';
import { withoutTypedBlanks } from './typedBlanks';

export type NothingReason = 'empty' | 'only-repeats' | 'breaks-syntax';

export type GenerationResult =
  /** `text` with LF alone, `marks` of it. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly endedBy: string;
      readonly marks: readonly Mark[];
    }
  | { readonly kind: 'nothing'; readonly reason: NothingReason; readonly endedBy: string }
  /** What was written is not what the person typed meanwhile. */
  | { readonly kind: 'departed' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly error: EngineError };

/** What ends a text by the model's own scores; can be switched off like an end rule. */
export const SUFFIX_FOLLOWS = 'suffix-follows';

/** Rules whose cut leaves nothing because all of it stood there before. */
const REPEATING = new Set([
  SUFFIX_FOLLOWS,
  'line-suffix-reached',
  'suffix-lines-reached',
  'repeats-line-above',
  'repeats-lines',
  'repeats-piece',
]);

/**
 * Where the suffix's first tokens are this likely behind what has been written, nothing is missing any more: mean of
 * the logarithms, in nats.
 */
const SURE_END_LOG_PROBABILITY = -1;

export class Generation {
  readonly #abort = new AbortController();
  readonly #context: EndRuleContext;
  readonly #clock: Clock;
  /** As it came from the engine. */
  #raw = '';
  /** Without what stands before the cursor already: what the person can type along. */
  #written = '';
  readonly #marks: Mark[] = [];
  #typed = '';
  #stats: GenerateStats | undefined;
  #tokens = 0;
  #firstTextAt: number | undefined;
  #firedRules: readonly string[] = [];
  readonly result: Promise<GenerationResult>;

  /**
   * Starts at once. `result` never rejects.
   *
   * @param maxDecodeMs from the first text on; when they are over, the text ends at its last line end
   * @param endRulesOff names of end rules to do without
   */
  constructor(
    engine: Engine,
    request: GenerateRequest,
    context: EndRuleContext,
    clock: Clock,
    private readonly maxDecodeMs: number,
    private readonly endRulesOff: readonly string[] = [],
  ) {
    this.#context = context;
    this.#clock = clock;
    this.result = this.#run(engine, request);
  }

  /** What the prompt cost, once it has been evaluated. */
  get stats(): GenerateStats | undefined {
    return this.#stats;
  }

  /** Tokens written so far. */
  get tokens(): number {
    return this.#tokens;
  }

  /** By the clock's `now`. */
  get firstTextAt(): number | undefined {
    return this.#firstTextAt;
  }

  /** Names of the end rules that saw an end where the text was cut; empty before, and where none did. */
  get firedRules(): readonly string[] {
    return this.#firedRules;
  }

  /** The generation ends with `aborted` at the engine's next token or chunk. */
  abort(): void {
    this.#abort.abort();
  }

  /**
   * Whether it is worth going on for a person who has typed this since. Before the prompt has been evaluated it is
   * not, unless nothing was typed: nobody knows what will be written, and starting anew costs little.
   *
   * @param typed with LF alone
   */
  canFollow(typed: string): boolean {
    if (this.#abort.signal.aborted) return false;
    return typed === '' || (this.#stats !== undefined && agrees(this.#written, typed));
  }

  /** From now on ends as `departed` when the text turns out to be another one. */
  follow(typed: string): void {
    this.#typed = typed;
  }

  async #run(engine: Engine, request: GenerateRequest): Promise<GenerationResult> {
    try {
      for await (const event of engine.generate(request, this.#abort.signal)) {
        switch (event.type) {
          case 'prefilled':
            this.#stats = event.stats;
            break;
          case 'text': {
            this.#firstTextAt ??= this.#clock.now();
            this.#raw += event.text;
            this.#written = withoutTypedBlanks(this.#raw, this.#context);
            this.#tokens = event.tokens;
            this.#marks.push({ at: this.#written.length, logProbability: event.logProbability });
            if (!agrees(this.#written, this.#typed)) return { kind: 'departed' };
            const found = findEnd(this.#written, this.#context, false, this.endRulesOff);
            // Leaving the loop is what stops the engine.
            if (found !== undefined) return this.#cut(found);
            const inTime = this.#linesInTime();
            if (inTime !== undefined) return this.#shape(inTime, 'time-is-up', false);
            break;
          }
          case 'end-score': {
            const ended = this.#endHere(event.at, event.logProbability);
            if (ended !== undefined) return ended;
            break;
          }
          case 'done':
            this.#stats = event.stats;
            this.#tokens = event.stats.generatedTokens;
            // The answer's end is no text, and makes its last line no less unlikely.
            if (event.logProbability !== undefined)
              this.#marks.push({ at: this.#written.length + 1, logProbability: event.logProbability });
            return this.#finish(event.reason);
        }
      }
      // Without `done` the engine has not said that the text is whole.
      return this.#abort.signal.aborted ? { kind: 'aborted' } : this.#finish('max-tokens');
    } catch (error) {
      if (this.#abort.signal.aborted || isAborted(error)) return { kind: 'aborted' };
      return { kind: 'failed', error: EngineError.from(error) };
    }
  }

  /** The text up to a place where the model is sure that what follows the cursor comes next. */
  #endHere(at: number, logProbability: number): GenerationResult | undefined {
    if (logProbability < SURE_END_LOG_PROBABILITY || this.endRulesOff.includes(SUFFIX_FOLLOWS))
      return undefined;
    const text = withoutTypedBlanks(this.#raw.slice(0, at), this.#context);
    if (text.trim() === '') return undefined;
    if (!agrees(text, this.#typed)) return { kind: 'departed' };
    const rule = findEnd(text, this.#context, true, this.endRulesOff);
    return this.#cut(rule ?? { text, endedBy: SUFFIX_FOLLOWS, fired: [SUFFIX_FOLLOWS] });
  }

  /** The whole lines written, once the time is over and there is one; undefined otherwise. */
  #linesInTime(): string | undefined {
    if (this.#clock.now() - (this.#firstTextAt ?? Infinity) < this.maxDecodeMs) return undefined;
    const lines = this.#written.slice(0, Math.max(0, this.#written.lastIndexOf('\n')));
    return lines.trim() === '' ? undefined : lines;
  }

  #finish(reason: FinishReason): GenerationResult {
    const complete = reason === 'stop-token' || reason === 'stop-string';
    const found = findEnd(this.#written, this.#context, complete, this.endRulesOff);
    if (found !== undefined) return this.#cut(found);
    return this.#shape(this.#written, reason, !complete);
  }

  #cut({ text, endedBy, fired }: FoundEnd): GenerationResult {
    this.#firedRules = fired;
    return this.#shape(text, endedBy, false);
  }

  #shape(text: string, endedBy: string, unfinished: boolean): GenerationResult {
    const shaped = shapeText(text, this.#context, unfinished);
    if (shaped.kind === 'text') return { ...shaped, endedBy, marks: this.#marks };
    return { kind: 'nothing', reason: REPEATING.has(endedBy) ? 'only-repeats' : shaped.reason, endedBy };
  }
}

/** Whether what was written and what was typed can still become the same text. */
function agrees(written: string, typed: string): boolean {
  return written.startsWith(typed) || typed.startsWith(written);
}
