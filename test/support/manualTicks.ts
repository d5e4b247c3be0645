import { TICK_MS, type StartTicking } from '../../src/inference/worker/watchdog';

/** A watchdog's time as the test lets it pass. */
export class ManualTicks {
  readonly #running = new Set<() => void>();

  readonly start: StartTicking = (tick) => {
    this.#running.add(tick);
    return () => this.#running.delete(tick);
  };

  /** Watchdogs that look now. */
  get running(): number {
    return this.#running.size;
  }

  /** Lets at least so many milliseconds pass. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) for (const tick of [...this.#running]) tick();
  }
}
