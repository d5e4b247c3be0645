/** What is remembered of engines beyond their end: the model that was loaded last, and what its requests cost. */
import type { Engine, LoadedModel } from '../inference/engine';
import { Disposables, type DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import { observeRequests, RequestSpeeds, type RequestCost } from './requestSpeeds';
import type { SpeedMemory } from './speedMemory';

/** Between two notes of how fast the model is, in milliseconds. */
const NOTE_MS = 60_000;

export class EngineHistory implements DisposableLike {
  readonly speeds = new RequestSpeeds();
  readonly #owned = new Disposables();
  #model: LoadedModel | undefined;
  #notedAt = -Infinity;

  /** @param now milliseconds */
  constructor(
    private readonly memory: SpeedMemory,
    private readonly now: () => number,
  ) {}

  /** The model that is loaded, or was. */
  get model(): LoadedModel | undefined {
    return this.#model;
  }

  /** The same engine with its requests noted. */
  observe(engine: Engine): Engine {
    return observeRequests(engine, (cost) => this.#noteRequest(cost), this.now);
  }

  /** Begins to note what is loaded. */
  watch(engines: Pick<EngineService, 'onStatus'>): void {
    this.#owned.add(
      engines.onStatus((status) => {
        if (status.state === 'ready' && status.model !== this.#model) this.#noteModel(status.model);
      }),
    );
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #noteModel(model: LoadedModel): void {
    const { name, variant, threads, choice } = model;
    const before = this.#model;
    this.#model = model;
    if (before?.name === name && before.variant === variant && before.threads === threads) return;
    this.speeds.clear();
    this.#notedAt = -Infinity;
    const measured = choice?.measured.find((one) => one.variant === variant);
    if (measured === undefined) return;
    const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode } = measured;
    void this.memory.note(name, { prefill, decode });
  }

  #noteRequest(cost: RequestCost): void {
    this.speeds.add(cost);
    const speed = this.speeds.speed();
    if (this.#model === undefined || this.now() - this.#notedAt < NOTE_MS) return;
    if (speed.prefill === undefined || speed.decode === undefined) return;
    this.#notedAt = this.now();
    void this.memory.note(this.#model.name, speed);
  }
}
