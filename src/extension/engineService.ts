/**
 * Owns the engine: makes it when it is first wanted, makes another one when the model or its settings change, and
 * sees to it that the old one has ended before, since two models in memory may be one too many.
 */
import type { Engine, EngineStatus } from '../inference/engine';
import { EngineError, type WireError } from '../inference/errors';
import type { LoadOptions } from '../inference/protocol';
import type { DisposableLike } from './disposables';
import { Listeners } from './listeners';
import type { RestartPolicy } from './restartPolicy';

export interface EngineServiceDeps {
  /** What to load now. @throws EngineError `model-missing` and others */
  readonly plan: () => Promise<LoadOptions>;
  readonly createEngine: (load: LoadOptions) => Engine;
  readonly restarts: RestartPolicy;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export class EngineService {
  #engine: { readonly engine: Engine; readonly unlisten: () => void } | undefined;
  #status: EngineStatus = { state: 'stopped' };
  /** Ends when no former engine holds memory any more. */
  #closing: Promise<void> = Promise.resolve();
  #starting: Promise<Engine> | undefined;
  /** Counts changes of plan: work that began under another one is thrown away. */
  #epoch = 0;
  #disposed = false;
  readonly #listeners = new Listeners<EngineStatus>();

  constructor(private readonly deps: EngineServiceDeps) {}

  get status(): EngineStatus {
    return this.#status;
  }

  /** Calls back at each change, also across engines. */
  onStatus(listener: (status: EngineStatus) => void): DisposableLike {
    return this.#listeners.listen(listener);
  }

  /** The engine if it is loaded: asking it costs no wait for a load. */
  get loaded(): Engine | undefined {
    return this.#status.state === 'ready' || this.#status.state === 'working'
      ? this.#engine?.engine
      : undefined;
  }

  /**
   * Starts loading in the background if that has a chance: not after a failure that would only repeat itself. What
   * comes of it shows in the status.
   */
  warmUp(): void {
    if (this.#disposed || this.#starting !== undefined || this.loaded !== undefined) return;
    const { state } = this.#status;
    if (state === 'failed' && !isThreadLost(this.#status.error)) return;
    if (!this.deps.restarts.mayRestart(this.deps.now())) return;
    this.ready().catch(() => undefined);
  }

  /**
   * The loaded engine. Concurrent calls share one load; a change of plan meanwhile leads to the engine of the new
   * plan.
   *
   * @throws EngineError
   */
  ready(): Promise<Engine> {
    if (this.loaded !== undefined) return Promise.resolve(this.loaded);
    this.#starting ??= this.#bringUp().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** Finds out, without loading anything, whether there is something to load; the status then says so. */
  async check(): Promise<void> {
    if (this.#disposed || this.#engine !== undefined || this.#starting !== undefined) return;
    const epoch = this.#epoch;
    const failure = await this.deps.plan().then(
      () => undefined,
      (error: unknown) => EngineError.from(error),
    );
    if (this.#disposed || epoch !== this.#epoch || this.#engine !== undefined) return;
    if (failure !== undefined) this.#fail(failure);
    else if (this.#status.state === 'failed') this.#setStatus({ state: 'stopped' });
  }

  /**
   * Ends the engine because the model, its settings or the person's patience have changed. The next call, or
   * `warmUp`, brings up another one.
   */
  reload(reason: string): void {
    if (this.#disposed) return;
    this.deps.log(`engine: reload (${reason})`);
    this.deps.restarts.reset();
    this.#drop();
    this.#setStatus({ state: 'stopped' });
  }

  /** Ends everything and resolves when the native run has ended. Later calls throw `shutting-down`. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#drop();
    this.#listeners.dispose();
    await this.#closing;
  }

  async #bringUp(): Promise<Engine> {
    for (;;) {
      if (this.#disposed) throw new EngineError('shutting-down', 'The engine is being closed.');
      // An engine that has failed is replaced: the file it was made for may be another one by now.
      if (this.#engine?.engine.status.state === 'failed') this.#drop();
      const epoch = this.#epoch;
      try {
        await this.#closing;
        const engine = this.#engine?.engine ?? (await this.#create(epoch));
        if (engine === undefined) continue;
        await engine.start();
        if (epoch === this.#epoch) return engine;
      } catch (error) {
        if (epoch !== this.#epoch) continue;
        const failure = EngineError.from(error);
        this.#fail(failure);
        throw failure;
      }
    }
  }

  /** @returns undefined when the plan has changed meanwhile */
  async #create(epoch: number): Promise<Engine | undefined> {
    const load = await this.deps.plan();
    if (epoch !== this.#epoch) return undefined;
    const engine = this.deps.createEngine(load);
    const unlisten = engine.onStatus((status) => this.#setStatus(status));
    this.#engine = { engine, unlisten };
    return engine;
  }

  #drop(): void {
    this.#epoch++;
    const former = this.#engine;
    if (former === undefined) return;
    this.#engine = undefined;
    former.unlisten();
    const before = this.#closing;
    this.#closing = before
      .then(() => former.engine.dispose())
      .catch((error: unknown) => this.deps.log(`engine: closing failed: ${String(error)}`));
  }

  /** The engine may have reported the same failure itself; a plan that fails reports nothing. */
  #fail(failure: EngineError): void {
    const { code, message } = failure;
    const known = this.#status.state === 'failed' ? this.#status.error : undefined;
    if (known?.code !== code || known.message !== message) {
      this.#setStatus({ state: 'failed', error: failure.toWire() });
    }
  }

  #setStatus(status: EngineStatus): void {
    const before = this.#status;
    this.#status = status;
    if (status.state === 'failed' && isThreadLost(status.error) && before.state !== 'failed') {
      this.deps.restarts.died(this.deps.now());
    }
    if (status.state === 'failed') this.deps.log(`engine: failed, ${status.error.code}`);
    // Ready and working alternate with every request, which has a line of its own.
    else if (before.state !== status.state && status.state !== 'working' && before.state !== 'working') {
      this.deps.log(`engine: ${status.state}`);
    }
    this.#listeners.fire(status);
  }
}

/** The engine worked and then did not: a new start may well succeed. */
const isThreadLost = ({ code }: WireError): boolean => code === 'worker-died' || code === 'worker-stalled';
