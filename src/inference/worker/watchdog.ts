/**
 * Notices that a thread which owes answers gives no sign of life any more: a kernel that never returns, a lost
 * promise. Slow is not stuck: whatever shows that the thread goes on ends the silence.
 */

/** How long a thread may stay silent while it owes answers, in milliseconds. */
export interface Patience {
  /**
   * During a load. Reading and packing the weights is one native call without a sign: eight gigabytes from a slow
   * disk take two minutes, and more where memory is short.
   */
  readonly loadMs: number;
  /** During anything else. A step takes milliseconds, a chunk a fraction of a second; paging memory in takes longer. */
  readonly requestMs: number;
}

export const DEFAULT_PATIENCE: Patience = { loadMs: 10 * 60_000, requestMs: 2 * 60_000 };

/** Time between two looks, in milliseconds. */
export const TICK_MS = 2000;

/** What a watchdog watches. */
export interface Watched {
  /** Changes whenever the thread has shown that it goes on. */
  signs(): string;
  /** Silence that is allowed now, in milliseconds; undefined while nothing is owed. */
  patienceMs(): number | undefined;
}

/** Calls back every `ms` milliseconds until the returned function is called. */
export type StartTicking = (tick: () => void, ms: number) => () => void;

/** A timer that keeps no process alive. */
export const startTimer: StartTicking = (tick, ms) => {
  const timer = setInterval(tick, ms).unref();
  return () => clearInterval(timer);
};

/**
 * Ticks while something is owed. Silence is counted in ticks, not read off a clock: while the machine sleeps or the
 * process is held by a debugger, the watched thread stands still as well.
 */
export class Watchdog {
  #stopTicking: (() => void) | undefined;
  #silentMs = 0;
  #lastSigns = '';

  /** @param onStall called once for each silence that outlasts the patience */
  constructor(
    private readonly watched: Watched,
    private readonly onStall: (silentMs: number) => void,
    private readonly startTicking: StartTicking = startTimer,
  ) {}

  /** Something is owed from now on. */
  watch(): void {
    if (this.#stopTicking !== undefined) return;
    this.#hearSign();
    this.#stopTicking = this.startTicking(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    this.#stopTicking?.();
    this.#stopTicking = undefined;
  }

  #tick(): void {
    const patienceMs = this.watched.patienceMs();
    if (patienceMs === undefined) return this.stop();
    if (this.watched.signs() !== this.#lastSigns) return this.#hearSign();
    this.#silentMs += TICK_MS;
    if (this.#silentMs < patienceMs) return;
    this.stop();
    this.onStall(this.#silentMs);
  }

  #hearSign(): void {
    this.#silentMs = 0;
    this.#lastSigns = this.watched.signs();
  }
}
