/** What is remembered of engines beyond their end: the model that was loaded last, and what its requests cost. */
import type { Engine, LoadedModel } from '../inference/engine';
import { Disposables, type DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import { observeRequests, RequestSpeeds } from './requestSpeeds';

export class EngineHistory implements DisposableLike {
  readonly speeds = new RequestSpeeds();
  readonly #owned = new Disposables();
  #model: LoadedModel | undefined;

  /** @param now milliseconds */
  constructor(private readonly now: () => number) {}

  /** The model that is loaded, or was. */
  get model(): LoadedModel | undefined {
    return this.#model;
  }

  /** The same engine with its requests noted. */
  observe(engine: Engine): Engine {
    return observeRequests(engine, (cost) => this.speeds.add(cost), this.now);
  }

  /** Begins to note what is loaded. */
  watch(engines: Pick<EngineService, 'onStatus'>): void {
    this.#owned.add(
      engines.onStatus((status) => {
        if (status.state !== 'ready' || status.model === this.#model) return;
        const { name, variant, threads } = status.model;
        const before = this.#model;
        const same = before?.name === name && before.variant === variant && before.threads === threads;
        if (!same) this.speeds.clear();
        this.#model = status.model;
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
