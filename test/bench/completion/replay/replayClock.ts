/**
 * Time of a replay: it runs at its real speed while an engine is at work, and jumps to the next timer while nobody is.
 * So a minute of typing takes as long as the engines do, and every millisecond of theirs counts, also of work that is
 * withdrawn in its middle.
 */
import type { Clock } from '../../../../src/completion/clock';

/** The machine's own time, or what a test puts in its place. */
export interface RealTime {
  now(): number;
  /** Resolves after `ms`, or when `cancel` is called. */
  wait(ms: number): { readonly over: Promise<void>; readonly cancel: () => void };
}

/** Longer than any wait for an engine. */
const LONGEST_WAIT_MS = 60_000;
/** Turns of the event loop after which nothing more happens by itself. */
const SETTLE_TURNS = 4;

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

export class ReplayClock implements Clock {
  #skipped = 0;
  #holds = 0;
  #timers: Timer[] = [];
  /** Ends the real wait under way, since there is something new to look at. */
  #changed: () => void = () => undefined;

  constructor(private readonly real: RealTime = machineTime()) {}

  now(): number {
    return this.real.now() + this.#skipped;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = { at: this.now() + Math.max(0, ms), wake };
      this.#timers.push(timer);
      signal?.addEventListener('abort', wake, { once: true });
      this.#changed();
    });
  }

  /** Time is real from now on until the returned function is called: an engine is at work. */
  hold(): () => void {
    this.#holds++;
    this.#changed();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      this.#changed();
    };
  }

  /**
   * Moves time on until the work is over.
   * @returns what the work resolves to
   * @throws what the work throws; Error when it waits for something that this clock does not know
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = (): void => {
      over = true;
      this.#changed();
    };
    work.then(end, end);
    for (;;) {
      await settle();
      // It may have become over meanwhile, which the compiler cannot see.
      if (over as boolean) return work;
      const next = this.#next();
      if (next !== undefined && next.at <= this.now()) {
        next.wake();
      } else if (this.#holds > 0) {
        await this.#realWait(next === undefined ? LONGEST_WAIT_MS : next.at - this.now());
      } else if (next !== undefined) {
        this.#skipped += next.at - this.now();
        next.wake();
      } else {
        throw new Error('the replay waits for something that is neither a timer nor an engine');
      }
    }
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }

  async #realWait(ms: number): Promise<void> {
    const { over, cancel } = this.real.wait(Math.min(ms, LONGEST_WAIT_MS));
    this.#changed = cancel;
    await over;
    this.#changed = () => undefined;
  }
}

export function machineTime(): RealTime {
  return {
    now: () => performance.now(),
    wait: (ms) => {
      let cancel = (): void => undefined;
      const over = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        cancel = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      return { over, cancel: () => cancel() };
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
