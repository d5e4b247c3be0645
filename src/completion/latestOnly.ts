/** Only the newest call matters: taking a turn ends the one before it. */

export type TurnEnd = 'superseded' | 'cancelled' | 'disposed';

export class Turn {
  readonly #controller = new AbortController();
  #endedBy: TurnEnd | undefined;

  /** Aborted as soon as the turn's answer is no longer wanted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the turn ended before its time; undefined while it counts. */
  get endedBy(): TurnEnd | undefined {
    return this.#endedBy;
  }

  /** The first reason stays. */
  end(reason: TurnEnd): void {
    if (this.#endedBy !== undefined) return;
    this.#endedBy = reason;
    this.#controller.abort();
  }

  /**
   * @returns what the promise resolves to, or undefined as soon as the turn has ended; the promise itself goes on
   */
  async whileCurrent<T>(promise: Promise<T>): Promise<T | undefined> {
    if (this.#endedBy !== undefined) return undefined;
    let stop = (): void => undefined;
    const ended = new Promise<undefined>((resolve) => {
      stop = (): void => resolve(undefined);
    });
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      const value = await Promise.race([promise, ended]);
      // It may have ended between the promise's resolution and now.
      return this.signal.aborted ? undefined : value;
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }
}

export class LatestOnly {
  #current: Turn | undefined;
  #disposed = false;

  /**
   * Runs one call as the latest; the call before it, if still running, ends as `superseded`.
   *
   * @param signal the caller's own; ends the turn as `cancelled`
   */
  async run<T>(call: (turn: Turn) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = new Turn();
    this.#current?.end('superseded');
    this.#current = turn;
    const cancel = (): void => turn.end('cancelled');
    if (this.#disposed) turn.end('disposed');
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await call(turn);
    } finally {
      signal?.removeEventListener('abort', cancel);
      if (this.#current === turn) this.#current = undefined;
    }
  }

  /** Ends the current turn and all later ones as `disposed`. */
  dispose(): void {
    this.#disposed = true;
    this.#current?.end('disposed');
  }
}
