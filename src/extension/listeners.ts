import type { DisposableLike } from './disposables';

/** A list of callbacks; the editor's own EventEmitter is not used so that its users run in plain Node. */
export class Listeners<T> implements DisposableLike {
  readonly #listeners = new Set<(value: T) => void>();

  /** Calls back at each `fire` until the returned object is disposed of. */
  readonly listen = (listener: (value: T) => void): DisposableLike => {
    // A wrapper, so that the same function may listen twice and stop once.
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
