/**
 * Results that may come too late: who asks gets what has come in time, else what was known before, so that one slow
 * answer changes nothing. What comes late is there for the next one who asks.
 */
import { LRUCache } from 'lru-cache';
import { within } from './deadline';

const REMEMBERED = 64;

export class LastKnown<T extends object> {
  readonly #known = new LRUCache<string, T>({ max: REMEMBERED });

  /** @param onLate an answer has come after its time */
  constructor(private readonly onLate: () => void) {}

  /** @param deadlineMs from now; a failure counts as no answer */
  async get(key: string, compute: () => Promise<T>, deadlineMs: number): Promise<T | undefined> {
    let late = false;
    const answer = compute().then((value) => {
      this.#known.set(key, value);
      if (late) this.onLate();
    });
    await within(answer, deadlineMs);
    late = true;
    return this.#known.get(key);
  }

  /** What was known may not be used any more. */
  clear(): void {
    this.#known.clear();
  }
}
