/** Who may use the native session: one at a time, and whoever a person waits for goes first. */
import type { Priority } from '../engine';

/**
 * A lock with two lines. Whoever holds it runs; `interactive` is let in before `background`, each line in order of
 * arrival. A background generation gives its turn back between native runs, so that it waits there, with all it has,
 * while others are served.
 */
export class Turns {
  #held = false;
  readonly #waiting: Record<Priority, (() => void)[]> = { interactive: [], background: [] };

  /** Resolves when it is one's turn; `release` must follow. */
  async acquire(priority: Priority): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting[priority].push(resolve));
  }

  /** Ends a turn and begins the next one's. */
  release(): void {
    const next = this.#waiting.interactive.shift() ?? this.#waiting.background.shift();
    if (next === undefined) this.#held = false;
    else next();
  }
}
