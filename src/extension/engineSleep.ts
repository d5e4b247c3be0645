/**
 * Puts the engine to sleep when nobody uses it, the machine is short of memory or another window needs what it
 * holds, and asks other windows likewise before this one loads.
 */
import type { Clock } from '../completion/clock';
import type { LoadOptions } from '../inference/protocol';
import { makeRoom } from '../inference/store/makeRoom';
import type { SessionRegistry } from '../inference/store/sessionRegistry';
import { Disposables, type DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import { sleepReason } from './sleepPolicy';

/** How often a loaded engine is looked after, in milliseconds: another window waits for that long. */
const LOOK_MS = 1000;
/** Memory is read less often: on one platform it takes a process. */
const MEMORY_LOOK_MS = 15_000;

export interface EngineSleepDeps {
  readonly registry: Pick<SessionRegistry, 'hold' | 'letGo' | 'isAsked' | 'decline' | 'others' | 'ask'>;
  /** Bytes; undefined where it cannot be told. */
  readonly availableMemory: () => Promise<number | undefined>;
  /** Memory that a model takes once loaded, estimated, in bytes. */
  readonly memoryOf: (load: LoadOptions) => Promise<number>;
  /** Minutes; 0 for never. */
  readonly idleMinutes: () => number;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly log: (line: string) => void;
}

/** The part of the engine's owner that is needed here. */
export type SleepyEngines = Pick<
  EngineService,
  'status' | 'onStatus' | 'inUse' | 'lastUsed' | 'release' | 'closed'
>;

export class EngineSleep implements DisposableLike {
  readonly #owned = new Disposables();
  /** Of the model that was planned last. */
  #bytes = 0;
  /** Set while a loaded engine is looked after. */
  #looking: AbortController | undefined;
  #memoryLookedAt = -Infinity;
  /** The last use by the engine's clock, and its date by the wall clock. */
  #use = { at: -Infinity, date: 0 };
  /** The registry's file is written by one at a time. */
  #filing: Promise<void> = Promise.resolve();

  constructor(private readonly deps: EngineSleepDeps) {}

  /** Begins to look after the engine. */
  watch(engines: SleepyEngines): void {
    this.#owned.add(
      engines.onStatus(({ state }) => {
        const loaded = state === 'ready' || state === 'working';
        if (loaded && this.#looking === undefined) {
          this.#looking = new AbortController();
          void this.#lookAfter(engines, this.#looking.signal);
        } else if (!loaded && this.#looking !== undefined) {
          this.#looking.abort();
          this.#looking = undefined;
          // Only then is the memory free, which is what another window waits for.
          this.#file(async () => {
            await engines.closed();
            await this.deps.registry.letGo();
          });
        }
      }),
    );
  }

  /**
   * Before a load: makes other windows' idle engines go where memory is short. Never fails: then the load shows
   * whether there is enough.
   *
   * @param onAsking called when it begins to take time
   */
  async prepare(load: LoadOptions, onAsking: () => void, signal: AbortSignal): Promise<void> {
    const { availableMemory, registry, memoryOf, log } = this.deps;
    try {
      this.#bytes = await memoryOf(load);
      const room = await makeRoom(this.#bytes, { availableMemory, registry, log, onAsking }, signal);
      if (!room) log('memory: there may not be enough for the model');
    } catch (error) {
      log(`memory: no room could be asked for: ${String(error)}`);
    }
  }

  /** Resolves when no entry of this process is left. */
  async dispose(): Promise<void> {
    this.#looking?.abort();
    this.#looking = undefined;
    this.#owned.dispose();
    this.#file(() => this.deps.registry.letGo());
    await this.#filing;
  }

  async #lookAfter(engines: SleepyEngines, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      try {
        await this.#look(engines, ended);
      } catch (error) {
        this.deps.log(`sleep: ${String(error)}`);
      }
      await this.deps.clock.sleep(LOOK_MS, ended);
    }
  }

  async #look(engines: SleepyEngines, ended: AbortSignal): Promise<void> {
    const { registry, clock, wallClock, idleMinutes } = this.deps;
    const asked = await registry.isAsked();
    const availableBytes = await this.#availableMemory();
    // Nothing awaited from here to the release: what is decided is still so when it is done.
    const now = clock.now();
    const { inUse, status } = engines;
    const idleMs = now - engines.lastUsed;
    const reason = sleepReason({
      inUse,
      idleMs,
      idleLimitMs: idleMinutes() * 60_000,
      availableBytes,
      asked,
    });
    if (ended.aborted) return;
    if (reason !== undefined && engines.release(reason)) return;
    if (asked) await registry.decline();
    if (status.state !== 'ready' && status.state !== 'working') return;
    // The two clocks drift: one use has one date, or the file would be written anew each time.
    if (this.#use.at !== engines.lastUsed) {
      this.#use = { at: engines.lastUsed, date: Math.round(wallClock() - idleMs) };
    }
    const session = {
      model: status.model.name,
      bytes: this.#bytes,
      lastUsed: this.#use.date,
      busy: inUse,
    };
    this.#file(async () => {
      if (!ended.aborted) await registry.hold(session);
    });
    await this.#filing;
  }

  async #availableMemory(): Promise<number | undefined> {
    const now = this.deps.clock.now();
    if (now - this.#memoryLookedAt < MEMORY_LOOK_MS) return undefined;
    this.#memoryLookedAt = now;
    return this.deps.availableMemory();
  }

  #file(work: () => Promise<void>): void {
    this.#filing = this.#filing
      .then(work)
      .catch((error: unknown) => this.deps.log(`sleep: ${String(error)}`));
  }
}
