/** Answers that need no engine: the same place again, or a suggestion that is being typed. */
import { LRUCache } from 'lru-cache';
import { probabilitiesOfRest, type Mark } from './certainty';
import type { Clock } from './clock';
import type { NothingReason } from './generation';
import { placeKey, placeOf, restAfterTyping, typedSince, type Place, type Rest } from './place';
import type { DocumentSnapshot } from './snapshot';

/** How long a place stays quiet after an empty answer, in milliseconds: the text around it may have changed since. */
const NOTHING_FOR_MS = 10_000;

export type Remembered =
  /** `text` with the document's ends of line, `marks` of it with LF alone. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly endedBy: string;
      readonly marks: readonly Mark[];
    }
  | { readonly kind: 'nothing'; readonly reason: NothingReason };

export type CacheHit =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly source: 'cache' | 'typed-along';
      /** UTF-16 units behind the cursor that the text replaces: what the editor closed by itself. */
      readonly replaced: number;
      readonly endedBy: string;
      /** How likely each of its lines that is not blank is right where those above it are. */
      readonly probabilities: readonly number[];
    }
  | { readonly kind: 'nothing'; readonly reason: NothingReason };

interface Entry {
  readonly place: Place;
  readonly answer: Remembered;
  readonly at: number;
}

export class SuggestionCache {
  readonly #entries: LRUCache<string, Entry> | undefined;
  readonly #clock: Clock;

  /** @param maxEntries 0 remembers nothing */
  constructor(maxEntries: number, clock: Clock) {
    this.#entries = maxEntries > 0 ? new LRUCache({ max: maxEntries }) : undefined;
    this.#clock = clock;
  }

  remember(place: Place, answer: Remembered): void {
    this.#entries?.set(placeKey(place), { place, answer, at: this.#clock.now() });
  }

  /** Looks for the very place first, then for the newest suggestion whose beginning has been typed since. */
  find(snapshot: DocumentSnapshot): CacheHit | undefined {
    const key = placeKey(placeOf(snapshot));
    const same = this.#entries?.get(key);
    if (same !== undefined) {
      if (same.answer.kind === 'text') {
        return hitOf(same.answer, '', { text: same.answer.text, replaced: 0 }, 'cache');
      }
      if (this.#clock.now() - same.at <= NOTHING_FOR_MS) return same.answer;
      this.#entries?.delete(key);
    }
    return this.#findTypedAlong(snapshot);
  }

  #findTypedAlong(snapshot: DocumentSnapshot): CacheHit | undefined {
    if (this.#entries === undefined) return undefined;
    for (const { place, answer } of this.#entries.values()) {
      if (answer.kind === 'nothing') continue;
      const since = typedSince(place, snapshot);
      const rest = since === undefined ? undefined : restAfterTyping(answer.text, since);
      if (since === undefined || rest === undefined) continue;
      return hitOf(answer, since.typed, rest, 'typed-along');
    }
    return undefined;
  }
}

function hitOf(
  { text, marks, endedBy }: Remembered & { kind: 'text' },
  typed: string,
  rest: Rest,
  source: 'cache' | 'typed-along',
): CacheHit {
  return {
    kind: 'text',
    ...rest,
    source,
    endedBy,
    probabilities: probabilitiesOfRest(text, marks, typed, rest),
  };
}
