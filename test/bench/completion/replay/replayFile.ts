/** One file typed to one assistant. */
import { seededRandom } from '../../../../src/inference/random';
import { takenText } from './acceptance';
import type { Assistant, AssistantCost, Offered, VisitedFile } from './assistant';
import type { ReplayClock } from './replayClock';
import { TypedText, type Hole, type Key } from './typedText';
import { keyPlace, Typist } from './typingModel';

export interface ReplayTask {
  readonly uri: string;
  readonly hole: Hole;
  readonly visited: readonly VisitedFile[];
  /** Of the pauses. */
  readonly seed: number;
  /** Units of the hole to be typed. */
  readonly units: number;
}

/** A suggestion as the person saw it. Times in milliseconds. */
export interface Shown {
  readonly right: boolean;
  /** From the key, or the accept, to the ghost text. */
  readonly afterMs: number;
  /** How long it was to be seen. */
  readonly visibleMs: number;
  readonly text: string;
  /** Of its lines that are not blank as many are right. */
  readonly rightLines: number;
  readonly probabilities?: readonly number[];
  readonly endedBy?: string;
}

/** What came where the person stopped and waited. */
export interface Awaited {
  /** From the key, or the accept, to the ghost text, in milliseconds; undefined where there was none. */
  readonly afterMs: number | undefined;
  readonly right: boolean;
}

export interface ReplayOutcome {
  /** Keys that the same text takes without suggestions. */
  readonly keysAlone: number;
  /** Keys pressed, those that accept left out. */
  readonly keys: number;
  readonly accepts: number;
  readonly shown: readonly Shown[];
  readonly awaited: readonly Awaited[];
  readonly cost: AssistantCost;
  readonly durationMs: number;
}

/**
 * The editor's own wait between a change and its question to the providers: VS Code's debounce of inline suggestions
 * has 50 ms as its least and its most.
 */
export const EDITOR_WAIT_MS = 50;

/** Of the target's units this share is a place where the person waits for the answer, however late it is. */
export const STOPS_SHARE = 1 / 100;
const STOPS_SEED = 0x570b;

/**
 * Types the file with realistic pauses; every right suggestion is taken as soon as it appears.
 *
 * Who types on sees only what comes before the next key, which says little of how long the other answers take. So at
 * some places, the same ones for all assistants, the person stops where no ghost text is shown. What comes after the
 * pause that would have been is noted, and neither shown nor taken.
 */
export async function replayFile(
  task: ReplayTask,
  assistant: Assistant,
  clock: ReplayClock,
): Promise<ReplayOutcome> {
  return new Replay(task, assistant, clock).run();
}

/** Ghost text on the screen. */
interface Ghost {
  /** What is left of it to be typed. */
  rest: string;
  readonly since: number;
  readonly seen: Omit<Shown, 'visibleMs'>;
}

class Replay {
  readonly #text: TypedText;
  readonly #typist: Typist;
  readonly #shown: Shown[] = [];
  readonly #awaited: Awaited[] = [];
  /** Units of progress. */
  readonly #stops: Set<number>;
  #ghost: Ghost | undefined;
  #version = 1;
  #request = new AbortController();
  #answered: Promise<void> = Promise.resolve();
  /** The person's pause is over: what comes now is noted. */
  #late: ((answer: Awaited) => void) | undefined;
  #changedAt = 0;
  #keys = 0;
  #accepts = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Ends the pause before the next key: something has appeared that the person takes. */
  #appeared: () => void = () => undefined;

  constructor(
    private readonly task: ReplayTask,
    private readonly assistant: Assistant,
    private readonly clock: ReplayClock,
  ) {
    this.#text = new TypedText(task.hole);
    this.#typist = new Typist(task.seed);
    const random = seededRandom(task.seed ^ STOPS_SEED);
    const places = Array.from({ length: task.units }, (_, place) => place);
    this.#stops = new Set(places.filter(() => random() < STOPS_SHARE));
  }

  async run(): Promise<ReplayOutcome> {
    const { units, visited } = this.task;
    const keysAlone = this.#text.keysUntil(units);
    await this.assistant.open(this.#snapshot(), visited);
    const before = this.assistant.cost();
    const start = this.clock.now();
    this.#ask();
    while (this.#text.progress < units && this.#text.rest !== '') {
      await this.#pause();
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ghost?.seen.right === true) this.#accept(this.#ghost);
      else this.#press(this.#text.nextKey());
    }
    this.#hide();
    this.#request.abort();
    const durationMs = this.clock.now() - start;
    await this.assistant.idle();
    return {
      ...{ keysAlone, keys: this.#keys, accepts: this.#accepts, shown: this.#shown, durationMs },
      awaited: this.#awaited,
      cost: difference(this.assistant.cost(), before),
    };
  }

  /** Until the next key, or until something right appears. */
  async #pause(): Promise<void> {
    if (this.#ghost?.seen.right === true) return;
    const key = this.#text.nextKey();
    const { linePrefix } = this.#text;
    const place = keyPlace(linePrefix, key.kind === 'character' ? key.text : '\n');
    const stop = this.#ghost === undefined && this.#stops.delete(this.#text.progress);
    const ended = new AbortController();
    this.#appeared = () => ended.abort();
    await this.clock.sleep(this.#typist.pause(place), ended.signal);
    this.#appeared = () => undefined;
    if (stop) this.#awaited.push(awaited(this.#ghost?.seen ?? (await this.#lateAnswer())));
  }

  /** Waits until the last question is answered. */
  async #lateAnswer(): Promise<Awaited> {
    let answer: Awaited = { afterMs: undefined, right: false };
    this.#late = (late) => (answer = late);
    await this.#answered;
    this.#late = undefined;
    return answer;
  }

  #press(key: Key): void {
    this.#keys++;
    const before = this.#text.text.length;
    this.#text.press(key);
    const typed = this.#text.typed.slice(this.#text.typed.length - (this.#text.text.length - before));
    // The editor keeps showing what is being typed, whatever else the provider says meanwhile.
    if (key.kind === 'character' && this.#ghost !== undefined && this.#ghost.rest.startsWith(typed)) {
      this.#ghost.rest = this.#ghost.rest.slice(typed.length);
      if (this.#ghost.rest.trim() === '') this.#hide();
    } else {
      this.#hide();
    }
    this.#ask();
  }

  #accept(ghost: Ghost): void {
    const taken = takenText(ghost.rest, this.#text.rest ?? '');
    if (taken === undefined) throw new Error('a right suggestion has become wrong');
    this.#accepts++;
    this.#text.accept(taken);
    this.assistant.accepted?.();
    this.#hide();
    this.#ask();
  }

  #hide(): void {
    if (this.#ghost === undefined) return;
    const { since, seen } = this.#ghost;
    this.#shown.push({ ...seen, visibleMs: this.clock.now() - since });
    this.#ghost = undefined;
  }

  /** The document has changed: the editor withdraws its last question and asks anew. */
  #ask(): void {
    this.#request.abort();
    this.#request = new AbortController();
    this.#version++;
    this.#changedAt = this.clock.now();
    this.#answered = this.#answer(this.#request.signal).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  async #answer(signal: AbortSignal): Promise<void> {
    await this.clock.sleep(EDITOR_WAIT_MS, signal);
    if (signal.aborted) return;
    const offered = await this.assistant.suggest(this.#snapshot(), signal);
    if (signal.aborted || offered === undefined) return;
    this.#show(offered);
  }

  #show({ text, replaced, ...offered }: Offered): void {
    if (this.#ghost !== undefined || text.trim() === '') return;
    const { rest } = this.#text;
    // Nothing stands behind the cursor on its line, so there is nothing to be replaced.
    const taken = replaced === 0 && rest !== undefined ? takenText(text, rest) : undefined;
    const right = taken !== undefined;
    const rightLines = taken?.match(/\S.*/g)?.length ?? 0;
    const now = this.clock.now();
    if (this.#late !== undefined) {
      this.#late({ afterMs: now - this.#changedAt, right });
      return;
    }
    const seen = { ...offered, text, right, rightLines, afterMs: now - this.#changedAt };
    this.#ghost = { rest: text, since: now, seen };
    if (right) this.#appeared();
  }

  #snapshot() {
    const { uri, hole } = this.task;
    const { text, offset } = this.#text;
    return { uri, languageId: hole.languageId, version: this.#version, text, offset };
  }
}

const awaited = ({ afterMs, right }: Awaited): Awaited => ({ afterMs, right });

function difference(after: AssistantCost, before: AssistantCost): AssistantCost {
  return {
    requests: after.requests - before.requests,
    evaluatedTokens: after.evaluatedTokens - before.evaluatedTokens,
    generatedTokens: after.generatedTokens - before.generatedTokens,
  };
}
