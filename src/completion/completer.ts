/** Asks the engine for what belongs at the cursor: the only door of this room. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../inference/engine';
import { writeAlternatives } from './alternatives';
import { CALL_BY_HAND, CALL_BY_ITSELF, type Call, type CallOptions } from './call';
import { CallRecord } from './callRecord';
import { probabilitiesOfRest, SureEnough } from './certainty';
import type { Clock } from './clock';
import type { CompleterOptions } from './completerOptions';
import type { ContextProvider } from './context/contextKeeper';
import { IdleRenewal, prefillEarly } from './earlyPrefill';
import { endOfLineAt, fromLineFeeds, toLineFeeds } from './endOfLine';
import { BREAKS_SYNTAX, fittingResult, fittingText } from './fitting';
import { Generation, type GenerationResult } from './generation';
import { LatestOnly, type Turn } from './latestOnly';
import { none, type CompletionOutcome, type Suggestion } from './outcome';
import { PaceKeeper, type Pace } from './pace';
import { RequestMaker, type MadeRequest } from './requestMaker';
import { placeOf, restAfterTyping, typedSince, type Place, type TypedSince } from './place';
import type { DocumentSnapshot } from './snapshot';
import type { SyntaxJudge } from './syntaxGuard';
import { SuggestionCache } from './suggestionCache';
import type { SuggestionLength } from './suggestionLength';
import type { CompletionTrace, CompletionTrigger, PromptPiece } from './trace';
import { TypingRhythm } from './typingRhythm';
import { splitsCharacter } from './window';

export {
  DEFAULT_COMPLETER_OPTIONS,
  DEFAULT_MIN_PROBABILITY,
  EACH_BY_ITSELF,
  type CompleterOptions,
} from './completerOptions';
export type { CallOptions } from './call';
export type { SuggestionLength } from './suggestionLength';
export type { CompletionTrace, CompletionTrigger } from './trace';

/** Beyond this even handing the text over at each keystroke is felt. UTF-16 units. */
export const MAX_DOCUMENT_UNITS = 4 * 1024 * 1024;
/**
 * An editor withdraws a call before it makes the next one, so a withdrawn generation goes on for this long, in
 * milliseconds, in case the next call can use it.
 */
const CANCEL_GRACE_MS = 150;
/**
 * So long a suggestion must stay before the next one is begun, in milliseconds: who types on does not pay for what
 * nobody will see.
 */
const AHEAD_AFTER_MS = 200;

/** A generation that has been started, and for which place. */
interface Running {
  readonly generation: Generation;
  /** The generation's, as far as it fits the document. */
  readonly result: Promise<GenerationResult>;
  readonly place: Place;
  readonly estimatedPromptTokens: number;
  readonly pieces: readonly PromptPiece[];
  readonly length: SuggestionLength;
  /** Begun for the text after a suggestion that is still shown. */
  readonly ahead: boolean;
}

export class Completer {
  readonly #calls = new LatestOnly();
  readonly #requests: RequestMaker;
  readonly #rhythm = new TypingRhythm();
  readonly #pace = new PaceKeeper();
  readonly #sureEnough = new SureEnough();
  /** Of calls so far. */
  #count = 0;
  readonly #idle: IdleRenewal;
  #cache: SuggestionCache;
  #running: Running | undefined;
  /** The call that waits for `#running`. */
  #follower: Turn | undefined;

  constructor(
    private readonly engine: Engine,
    private options: CompleterOptions,
    private readonly clock: Clock,
    private readonly onTrace?: (trace: CompletionTrace, snapshot: DocumentSnapshot) => void,
    context?: ContextProvider,
    private readonly syntax?: SyntaxJudge,
  ) {
    this.#cache = new SuggestionCache(options.cacheEntries, clock);
    this.#requests = new RequestMaker(engine, context);
    this.#idle = new IdleRenewal(engine, clock);
  }

  /**
   * Answers with a suggestion for the snapshot's cursor, or with the reason why there is none. Never throws for
   * trouble with the engine. A call ends the one before it, whose answer then is `superseded`.
   *
   * @param trigger `automatic` waits for a pause in typing and does not retry a failed engine; `explicit` does both
   *   the other way round
   * @param signal withdraws the call
   * @param options.length other than `auto` is written anew, whatever is remembered
   * @param options.atOnce waits for no pause: after Enter and after an accepted suggestion there is one
   */
  complete(
    snapshot: DocumentSnapshot,
    trigger: CompletionTrigger,
    signal?: AbortSignal,
    { length = 'auto', atOnce = false }: CallOptions = {},
  ): Promise<CompletionOutcome> {
    const number = ++this.#count;
    this.#idle.stop();
    if (trigger === 'automatic') this.#rhythm.key(this.clock.now());
    return this.#calls.run(async (turn) => {
      const record = new CallRecord(snapshot, trigger, this.clock);
      const call = { trigger, length, atOnce };
      const outcome = await this.#answer(snapshot, call, turn, record);
      if (outcome.kind === 'suggestion' && this.options.ahead) void this.#goAhead(snapshot, outcome, number);
      if (turn.endedBy === undefined && this.options.early) void this.#renewWhenIdle(snapshot, number);
      this.onTrace?.(record.trace(outcome), snapshot);
      return outcome;
    }, signal);
  }

  /**
   * Other suggestions for the same place, at most two, each written from another first token on. A call like `complete`:
   * it ends the one before it and is ended by the next, with what there is by then.
   *
   * @param shown what is suggested there already
   */
  alternatives(snapshot: DocumentSnapshot, shown: Suggestion, signal?: AbortSignal): Promise<Suggestion[]> {
    this.#count++;
    this.#idle.stop();
    return this.#calls.run(async (turn) => {
      this.#running?.generation.abort();
      await this.#untilFree(turn);
      if (turn.endedBy !== undefined) return [];
      const { request, context } = this.#prepare(snapshot, CALL_BY_HAND);
      const { engine, clock } = this;
      const { endRulesOff } = this.options;
      const fit = (text: string): Promise<string | undefined> => fittingText(text, snapshot, this.syntax);
      const task = { engine, request, context, clock, endRulesOff, fit, shown: toLineFeeds(shown.text) };
      const texts = await writeAlternatives(task, turn.signal);
      const endOfLine = endOfLineAt(snapshot.text, snapshot.offset);
      const { kind, tokens, ms } = shown;
      return texts.map((text) => ({
        ...{ kind, tokens, ms, source: 'engine' as const, endedBy: 'alternative' },
        text: fromLineFeeds(text, endOfLine),
        range: { start: snapshot.offset, end: snapshot.offset },
      }));
    }, signal);
  }

  /**
   * Takes effect with the next call; the same options again change nothing. What was remembered is forgotten: it was
   * made under other limits.
   */
  setOptions(options: CompleterOptions): void {
    if (isDeepStrictEqual(options, this.options)) return;
    this.options = options;
    this.#cache = new SuggestionCache(options.cacheEntries, this.clock);
  }

  /** What suggestions that come by themselves have come to on this machine. */
  get pace(): Pace {
    return this.#pace.pace;
  }

  /** Ends what runs; calls answer `disposed` from now on. */
  dispose(): void {
    this.#calls.dispose();
    this.#count++;
    this.#idle.stop();
    this.#running?.generation.abort();
  }

  async #answer(
    snapshot: DocumentSnapshot,
    call: Call,
    turn: Turn,
    record: CallRecord,
  ): Promise<CompletionOutcome> {
    const { trigger } = call;
    if (turn.endedBy !== undefined) return this.#interrupted(turn);
    const early = this.#answerWithoutEngine(snapshot, call, record);
    if (early !== undefined) {
      // While a suggestion is typed along, what comes after it stays the same.
      if (this.#running?.ahead !== true || early.kind === 'none') this.#running?.generation.abort();
      return early;
    }
    const since = this.#followable(snapshot, call);
    if (since === undefined) {
      this.#running?.generation.abort();
    } else {
      const outcome = await this.#adopt(since, snapshot, turn, record);
      if (outcome !== undefined) return outcome;
    }
    // Who has waited for a generation in vain has paused long enough.
    const waits = trigger === 'automatic' && this.options.debounceMs > 0 && !call.atOnce && !record.adopted;
    const made = waits ? await this.#debounce(snapshot, call, turn, record) : undefined;
    // One request at a time: an aborted one still holds the engine until its step is over.
    await this.#untilFree(turn);
    if (turn.endedBy !== undefined) return this.#interrupted(turn);
    if (trigger === 'automatic' && this.engine.status.state === 'failed') {
      return none('engine-not-ready', this.engine.status.error.code);
    }
    const running = this.#start(snapshot, call, record, made);
    const outcome = await this.#wait(running, { typed: '', autoClosed: '' }, snapshot, turn, record);
    return outcome ?? none('cancelled');
  }

  /**
   * Waits for a pause in typing.
   * @returns the request, where it was made meanwhile so that its prompt is evaluated early
   */
  async #debounce(
    snapshot: DocumentSnapshot,
    call: Call,
    turn: Turn,
    record: CallRecord,
  ): Promise<MadeRequest | undefined> {
    const from = this.clock.now();
    const wait = this.#rhythm.debounceMs(this.options.debounceMs);
    const made = this.options.early ? this.#prepare(snapshot, call) : undefined;
    if (made !== undefined) void prefillEarly(this.engine, made.request, turn.signal);
    await turn.whileCurrent(this.clock.sleep(wait, turn.signal));
    record.debounceMs = this.clock.now() - from;
    return made;
  }

  #answerWithoutEngine(
    snapshot: DocumentSnapshot,
    call: Call,
    record: CallRecord,
  ): CompletionOutcome | undefined {
    const { text, offset } = snapshot;
    const { trigger, length } = call;
    if (text.length > MAX_DOCUMENT_UNITS) return none('document-too-large', `${text.length} UTF-16 units`);
    if (!Number.isInteger(offset) || offset < 0 || offset > text.length || splitsCharacter(text, offset)) {
      return none('invalid-offset', `${offset} of ${text.length}`);
    }
    if (length !== 'auto') return undefined;
    const hit = this.#cache.find(snapshot);
    if (hit === undefined) return undefined;
    if (hit.kind === 'nothing') {
      // Asking by hand means: do try again.
      return trigger === 'explicit' ? undefined : none(hit.reason, 'remembered');
    }
    const range = { start: offset, end: offset + hit.replaced };
    return this.#sureEnough.judge(record.suggestion(hit.text, range, hit), snapshot, call, this.options);
  }

  /** Waits until nothing runs any more, or the turn has ended. */
  async #untilFree(turn: Turn): Promise<void> {
    while (turn.endedBy === undefined && this.#running !== undefined) {
      await turn.whileCurrent(this.#running.result);
    }
  }

  /** What has been typed since the running generation began, if it can still become that. */
  #followable(snapshot: DocumentSnapshot, { length }: Call): TypedSince | undefined {
    if (this.#running === undefined || this.#running.length !== length) return undefined;
    const since = typedSince(this.#running.place, snapshot);
    if (since === undefined || !this.#running.generation.canFollow(toLineFeeds(since.typed)))
      return undefined;
    return since;
  }

  /** Takes over the running generation instead of starting one. */
  async #adopt(
    since: TypedSince,
    snapshot: DocumentSnapshot,
    turn: Turn,
    record: CallRecord,
  ): Promise<CompletionOutcome | undefined> {
    if (this.#running === undefined) return undefined;
    this.#running.generation.follow(toLineFeeds(since.typed));
    record.adopted = true;
    return this.#wait(this.#running, since, snapshot, turn, record);
  }

  #prepare(snapshot: DocumentSnapshot, { trigger, length }: Call): MadeRequest {
    const slowed = trigger === 'automatic' ? this.#pace.pace : 'full';
    return this.#requests.make(snapshot, length, slowed, this.options);
  }

  #start(snapshot: DocumentSnapshot, call: Call, record?: CallRecord, made?: MadeRequest): Running {
    const { trigger } = call;
    const from = this.clock.now();
    const { request, context, pieces, estimatedTokens } = made ?? this.#prepare(snapshot, call);
    if (record !== undefined) record.prepareMs = this.clock.now() - from;

    // Who asks by hand has the time.
    const maxDecodeMs = trigger === 'explicit' ? Infinity : this.options.maxDecodeMs;
    const { endRulesOff } = this.options;
    const ahead = record === undefined;
    const asked = ahead ? { ...request, speculative: true } : request;
    const generation = new Generation(this.engine, asked, context, this.clock, maxDecodeMs, endRulesOff);
    const syntax = endRulesOff?.includes(BREAKS_SYNTAX) === true ? undefined : this.syntax;
    const result = fittingResult(generation.result, snapshot, syntax);
    const running = {
      ...{
        generation,
        result,
        place: placeOf(snapshot),
        estimatedPromptTokens: estimatedTokens,
        pieces,
        length: call.length,
      },
      ahead,
    };
    this.#running = running;
    const endOfLine = endOfLineAt(snapshot.text, snapshot.offset);
    const cache = this.#cache;
    void result.then((result) => {
      if (this.#running === running) this.#running = undefined;
      const { firstTextAt } = generation;
      if (firstTextAt !== undefined) this.#rhythm.answered(firstTextAt - from);
      const ms = this.clock.now() - from;
      if (trigger === 'automatic' && result.kind === 'text') this.#pace.took(ms);
      if (trigger === 'automatic' && result.kind === 'aborted') {
        this.#pace.withdrawn(ms, firstTextAt !== undefined);
      }
      // Also when nobody waits any more: the next keystroke may be the suggestion's beginning.
      if (result.kind === 'nothing') cache.remember(running.place, result);
      if (result.kind === 'text') {
        cache.remember(running.place, { ...result, text: fromLineFeeds(result.text, endOfLine) });
      }
    });
    return running;
  }

  /** @returns undefined where the result is of no use for what has been typed, so that a new request is needed */
  async #wait(
    running: Running,
    since: TypedSince,
    snapshot: DocumentSnapshot,
    turn: Turn,
    record: CallRecord,
  ): Promise<CompletionOutcome | undefined> {
    this.#follower = turn;
    let result: GenerationResult | undefined;
    try {
      result = await turn.whileCurrent(running.result);
    } finally {
      if (this.#follower === turn) this.#follower = undefined;
      record.generated(running.generation, running.estimatedPromptTokens, running.pieces);
    }
    if (result === undefined) {
      if (turn.endedBy === 'cancelled') void this.#abortUnlessAdopted(running);
      return this.#interrupted(turn);
    }
    switch (result.kind) {
      case 'failed':
        return { kind: 'none', reason: 'engine-failed', error: result.error };
      case 'aborted':
        // What was written ahead has made way for somebody else's request; now it is wanted.
        return running.ahead ? undefined : none('cancelled', 'the engine gave up the request');
      case 'departed':
        return undefined;
      case 'nothing':
        return since.typed === '' ? none(result.reason, result.endedBy) : undefined;
      case 'text': {
        const { text, offset } = snapshot;
        const rest = restAfterTyping(fromLineFeeds(result.text, endOfLineAt(text, offset)), since);
        if (rest === undefined) return undefined;
        const range = { start: offset, end: offset + rest.replaced };
        const { endedBy } = result;
        const probabilities = probabilitiesOfRest(result.text, result.marks, since.typed, rest);
        const suggestion = record.suggestion(rest.text, range, { source: 'engine', endedBy, probabilities });
        const call = { trigger: record.trigger, length: running.length };
        return this.#sureEnough.judge(suggestion, snapshot, call, this.options);
      }
    }
  }

  /** Begins the suggestion after a suggestion, once that has been there for a moment and nothing else is to do. */
  async #goAhead(snapshot: DocumentSnapshot, shown: Suggestion, number: number): Promise<void> {
    await this.clock.sleep(AHEAD_AFTER_MS);
    if (number !== this.#count || this.#running !== undefined || !this.options.ahead) return;
    const { text } = snapshot;
    const before = text.slice(0, shown.range.start) + shown.text;
    const accepted = { ...snapshot, text: before + text.slice(shown.range.end), offset: before.length };
    if (this.#cache.find(accepted) === undefined) this.#start(accepted, CALL_BY_ITSELF);
  }

  #renewWhenIdle(snapshot: DocumentSnapshot, number: number): Promise<void> {
    const isFree = (): boolean => this.#running === undefined && number === this.#count;
    return this.#idle.whenIdle(() =>
      isFree() ? this.#prepare(snapshot, CALL_BY_ITSELF).request : undefined,
    );
  }

  /** Gives the editor's next call a moment to come for a generation that was withdrawn. */
  async #abortUnlessAdopted(running: Running): Promise<void> {
    await this.clock.sleep(CANCEL_GRACE_MS);
    if (this.#running === running && this.#follower === undefined) running.generation.abort();
  }

  #interrupted(turn: Turn): CompletionOutcome {
    return none(turn.endedBy ?? 'cancelled');
  }
}
