import type { EngineThread } from './engineThread';

/**
 * Threads that were given up and have not ended. Each may hold a whole model and a processor, so there is an upper
 * bound on them; it holds for a process, over all its engines.
 */
export class AbandonedThreads {
  readonly #threads = new Set<EngineThread>();

  /** @param limit how many may exist before no new thread is started */
  constructor(private readonly limit = 2) {}

  get size(): number {
    return this.#threads.size;
  }

  get full(): boolean {
    return this.size >= this.limit;
  }

  /** Counts a thread until it ends, and lets the process end without it. */
  add(thread: EngineThread): void {
    this.#threads.add(thread);
    thread.disown();
    void thread.ended.then(() => this.#threads.delete(thread));
  }
}
