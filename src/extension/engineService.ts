/**
 * Owns the engine: makes it when it is first wanted, makes another one when the model or its settings change, gives
 * its memory back while nobody uses it, and sees to it that the old one has ended before a new one is made, since two
 * models in memory may be one too many.
 */
import type { Engine, EngineStatus } from '../inference/engine';
import { EngineError, type WireError } from '../inference/errors';
import type { LoadOptions } from '../inference/protocol';
import type { DisposableLike } from './disposables';
import { Listeners } from './listeners';
import type { RestartPolicy } from './restartPolicy';
import type { SleepReason } from './sleepPolicy';

/** The engine's status, or that it has been released and comes back on demand. */
export type ServiceStatus = EngineStatus | { readonly state: 'asleep'; readonly reason: SleepReason };

export interface EngineServiceDeps {
  /** What to load now. @throws EngineError `model-missing` and others */
  readonly plan: () => Promise<LoadOptions>;
  readonly createEngine: (load: LoadOptions) => Engine;
  /**
   * Runs before an engine is made. Never rejects.
   *
   * @param onWaiting to be called when it begins to take time
   * @param signal aborted when the plan has changed
   */
  readonly beforeLoad?: (load: LoadOptions, onWaiting: () => void, signal: AbortSignal) => Promise<void>;
  readonly restarts: RestartPolicy;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export class EngineService {
  #engine: { readonly engine: Engine; readonly unlisten: () => void } | undefined;
  #status: ServiceStatus = { state: 'stopped' };
  /** Ends when no former engine holds memory any more. */
  #closing: Promise<void> = Promise.resolve();
  #starting: Promise<Engine> | undefined;
  /** Aborted and replaced at each change of plan: work that began under another one is thrown away. */
  #epoch = new AbortController();
  #disposed = false;
  /** Requests under way, also while they do not run in the engine. */
  #uses = 0;
  #lastUsed: number;
  readonly #listeners = new Listeners<ServiceStatus>();

  constructor(private readonly deps: EngineServiceDeps) {
    this.#lastUsed = deps.now();
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** Calls back at each change, also across engines. */
  onStatus(listener: (status: ServiceStatus) => void): DisposableLike {
    return this.#listeners.listen(listener);
  }

  /** Whether a request or a load is under way. */
  get inUse(): boolean {
    const { state } = this.#status;
    return this.#uses > 0 || this.#starting !== undefined || state === 'working' || state === 'loading';
  }

  /** When the engine was last used, by `EngineServiceDeps.now`. */
  get lastUsed(): number {
    return this.inUse ? this.deps.now() : this.#lastUsed;
  }

  /**
   * Keeps the engine from being released while something is done that needs it, waits between its parts included.
   * @returns ends the use; to be called once
   */
  use(): () => void {
    this.#uses++;
    return () => {
      this.#uses--;
      this.#lastUsed = this.deps.now();
    };
  }

  /** Resolves when no former engine holds memory any more. Never rejects. */
  closed(): Promise<void> {
    return this.#closing;
  }

  /**
   * Gives the memory of a loaded engine back: it ends, and the next request brings up another one. An engine in use
   * stays.
   *
   * @returns whether it goes; `closed` then says when it has gone
   */
  release(reason: SleepReason): boolean {
    if (this.#disposed || this.inUse || this.#status.state !== 'ready') return false;
    this.#drop();
    this.#setStatus({ state: 'asleep', reason });
    return true;
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

  /** Finds out, without loading anything, whether there is something to load and it may be; the status then says so. */
  async check(): Promise<void> {
    if (this.#disposed || this.#engine !== undefined || this.#starting !== undefined) return;
    const epoch = this.#epoch;
    const failure = await this.deps.plan().then(
      () => this.#endsTooOften(),
      (error: unknown) => EngineError.from(error),
    );
    if (this.#disposed || epoch !== this.#epoch || this.#engine !== undefined) return;
    if (failure !== undefined) this.#fail(failure);
    else if (this.#status.state === 'failed') this.#setStatus({ state: 'stopped' });
  }

  /** Why it is not to be started by itself; the ends may have been those of other processes. */
  #endsTooOften(): EngineError | undefined {
    const now = this.deps.now();
    if (this.deps.restarts.mayRestart(now)) return undefined;
    const times = this.deps.restarts.deaths(now);
    return new EngineError(
      'worker-died',
      `It ended ${times} times within a few minutes, so it is not started by itself any more.`,
      { times },
    );
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
  async #create(epoch: AbortController): Promise<Engine | undefined> {
    const load = await this.deps.plan();
    if (epoch !== this.#epoch) return undefined;
    const onWaiting = (): void => {
      if (epoch === this.#epoch) this.#setStatus({ state: 'loading', phase: 'probing' });
    };
    await this.deps.beforeLoad?.(load, onWaiting, epoch.signal);
    if (epoch !== this.#epoch) return undefined;
    const engine = this.deps.createEngine(load);
    const unlisten = engine.onStatus((status) => this.#setStatus(status));
    this.#engine = { engine, unlisten };
    return engine;
  }

  #drop(): void {
    this.#epoch.abort();
    this.#epoch = new AbortController();
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

  #setStatus(status: ServiceStatus): void {
    const before = this.#status;
    this.#status = status;
    if (before.state === 'working' || before.state === 'loading') this.#lastUsed = this.deps.now();
    if (status.state === 'failed' && isThreadLost(status.error) && before.state !== 'failed') {
      this.deps.restarts.died(this.deps.now());
    }
    if (status.state === 'failed') this.deps.log(`engine: failed, ${status.error.code}`);
    else if (status.state === 'asleep') this.deps.log(`engine: released (${status.reason})`);
    // Ready and working alternate with every request, which has a line of its own.
    else if (before.state !== status.state && status.state !== 'working' && before.state !== 'working') {
      this.deps.log(`engine: ${status.state}`);
    }
    this.#listeners.fire(status);
  }
}

/** The engine worked and then did not: a new start may well succeed. */
const isThreadLost = ({ code }: WireError): boolean => code === 'worker-died' || code === 'worker-stalled';
