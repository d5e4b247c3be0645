import { EngineError } from '../errors';

/** Aborts a request when the caller does, or when nothing has arrived for too long. */
export class StallGuard {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#controller.abort();
  #stalled = false;

  /** @param outer signals of the caller */
  constructor(
    private readonly stallMs: number,
    private readonly outer: readonly AbortSignal[],
  ) {
    this.#timer = setTimeout(() => {
      this.#stalled = true;
      this.#controller.abort();
    }, stallMs);
    for (const signal of outer) {
      signal.addEventListener('abort', this.#onAbort);
      if (signal.aborted) this.#controller.abort();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has arrived. */
  alive(): void {
    this.#timer.refresh();
  }

  /** What an error of the request means: the guard's own doing, or the error itself. */
  explain(error: unknown): unknown {
    return this.#stalled
      ? new EngineError(
          'network',
          `The download failed: nothing arrived for ${this.stallMs / 1000} seconds.`,
          undefined,
          { cause: error },
        )
      : error;
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const signal of this.outer) signal.removeEventListener('abort', this.#onAbort);
  }
}
