/** Anything that can be let go of; `vscode.Disposable` is one. */
export interface DisposableLike {
  dispose(): unknown;
}

/**
 * Owner of registrations and listeners. What is added after the end, by a start-up that was still running, is
 * disposed of at once, so that nothing outlives its owner.
 */
export class Disposables implements DisposableLike {
  #items: DisposableLike[] = [];
  #disposed = false;

  /** Takes ownership. @returns the item itself */
  add<T extends DisposableLike>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  /** Disposes of everything, last added first; one failure does not keep the others. */
  dispose(): void {
    this.#disposed = true;
    const items = this.#items.reverse();
    this.#items = [];
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts could not be disposed of.');
  }
}
