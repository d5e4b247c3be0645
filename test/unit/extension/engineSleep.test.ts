import assert from 'node:assert/strict';
import { EngineSleep, type EngineSleepDeps, type SleepyEngines } from '../../../src/extension/engineSleep';
import type { ServiceStatus } from '../../../src/extension/engineService';
import {
  QUIET_FOR_OTHERS_MS,
  QUIET_UNDER_PRESSURE_MS,
  sleepReason,
  type SleepFacts,
  type SleepReason,
} from '../../../src/extension/sleepPolicy';
import type { LoadedModel } from '../../../src/inference/engine';
import { LOW_MEMORY_BYTES } from '../../../src/inference/store/makeRoom';
import type { HeldSession } from '../../../src/inference/store/sessionRegistry';
import { FakeClock } from '../completion/fakeClock';

const MINUTE = 60_000;

describe('sleepReason', () => {
  const UNUSED: SleepFacts = {
    inUse: false,
    idleMs: 0,
    idleLimitMs: 10 * MINUTE,
    availableBytes: undefined,
    asked: false,
  };
  const cases: { name: string; facts: Partial<SleepFacts>; reason: SleepReason | undefined }[] = [
    { name: 'stays while it is used now and then', facts: { idleMs: 10 * MINUTE - 1 }, reason: undefined },
    { name: 'goes after the idle time', facts: { idleMs: 10 * MINUTE }, reason: 'idle' },
    { name: 'stays for ever where it shall', facts: { idleMs: 1e9, idleLimitMs: 0 }, reason: undefined },
    {
      name: 'goes under memory pressure when it has been quiet',
      facts: { availableBytes: LOW_MEMORY_BYTES - 1, idleMs: QUIET_UNDER_PRESSURE_MS },
      reason: 'memory',
    },
    {
      name: 'does not load and go again and again under memory pressure',
      facts: { availableBytes: 0, idleMs: QUIET_UNDER_PRESSURE_MS - 1 },
      reason: undefined,
    },
    {
      name: 'stays where there is memory enough',
      facts: { availableBytes: LOW_MEMORY_BYTES, idleMs: QUIET_UNDER_PRESSURE_MS },
      reason: undefined,
    },
    {
      name: 'goes for another window',
      facts: { asked: true, idleMs: QUIET_FOR_OTHERS_MS, idleLimitMs: 0 },
      reason: 'other-window',
    },
    {
      name: 'stays while the person types, whoever asks',
      facts: { asked: true, idleMs: QUIET_FOR_OTHERS_MS - 1 },
      reason: undefined,
    },
    {
      name: 'never goes in the middle of something',
      facts: { inUse: true, asked: true, idleMs: 1e9, availableBytes: 0 },
      reason: undefined,
    },
  ];
  for (const { name, facts, reason } of cases) {
    it(name, () => assert.equal(sleepReason({ ...UNUSED, ...facts }), reason));
  }
});

describe('EngineSleep', () => {
  const MODEL: LoadedModel = {
    name: 'small',
    architecture: 'qwen2',
    variant: 'exact',
    contextTokens: 2048,
    threads: 2,
    loadMs: 1,
    convertMs: 0,
  };

  /** The engine's owner as the test has it. */
  class Engines implements SleepyEngines {
    status: ServiceStatus = { state: 'stopped' };
    inUse = false;
    lastUsed: number;
    readonly released: SleepReason[] = [];
    #listeners: ((status: ServiceStatus) => void)[] = [];
    #free: () => void = () => undefined;
    #closing: Promise<void> = Promise.resolve();

    constructor(private readonly clock: FakeClock) {
      this.lastUsed = clock.now();
    }

    onStatus(listener: (status: ServiceStatus) => void) {
      this.#listeners.push(listener);
      return { dispose: () => undefined };
    }

    closed(): Promise<void> {
      return this.#closing;
    }

    release(reason: SleepReason): boolean {
      this.released.push(reason);
      this.#closing = new Promise((resolve) => (this.#free = resolve));
      this.set({ state: 'asleep', reason });
      return true;
    }

    /** The native session has given its memory back. */
    memoryIsFree(): Promise<void> {
      this.#free();
      return this.clock.pass(0);
    }

    set(status: ServiceStatus): void {
      this.status = status;
      for (const listener of this.#listeners) listener(status);
    }
  }

  let clock: FakeClock;
  let engines: Engines;
  let held: HeldSession | undefined;
  let writes: number;
  let asked: boolean;
  let available: number;
  let idleMinutes: number;
  let sleep: EngineSleep;
  const LOAD = { modelPath: '/m', cacheDir: '/c', contextTokens: 1, threads: 1 };

  const deps: EngineSleepDeps = {
    registry: {
      hold: async (session) => {
        if (JSON.stringify(session) !== JSON.stringify(held)) writes++;
        held = session;
      },
      letGo: async () => {
        held = undefined;
        asked = false;
      },
      isAsked: async () => asked,
      decline: async () => void (asked = false),
      others: async () => [],
      ask: async () => 'declined',
    },
    availableMemory: async () => available,
    memoryOf: async () => 7,
    idleMinutes: () => idleMinutes,
    get clock() {
      return clock;
    },
    // A little faster than the other clock: two clocks never agree.
    wallClock: () => 1_000_000 + clock.now() * 1.0001,
    log: (line) => assert.fail(line),
  };

  beforeEach(() => {
    clock = new FakeClock();
    engines = new Engines(clock);
    held = undefined;
    writes = 0;
    asked = false;
    available = Infinity;
    idleMinutes = 10;
    sleep = new EngineSleep(deps);
    sleep.watch(engines);
  });
  afterEach(async () => {
    await engines.memoryIsFree();
    await sleep.dispose();
    assert.equal(held, undefined);
  });

  /** Time goes by, one look at the engine after the other. */
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 1000) await clock.pass(1000);
  };
  const load = async (): Promise<void> => {
    engines.lastUsed = clock.now();
    engines.set({ state: 'ready', model: MODEL });
    await clock.pass(0);
  };

  it('says what is held, once per use, and keeps it until the memory is free', async () => {
    await sleep.prepare(LOAD, () => assert.fail('there is room'), new AbortController().signal);
    await load();
    await pass(30_000);
    assert.deepEqual(
      { model: held?.model, bytes: held?.bytes, busy: held?.busy },
      { model: 'small', bytes: 7, busy: false },
    );
    assert.equal(writes, 1, 'nothing has changed');
    await pass(10 * MINUTE);
    assert.deepEqual(engines.released, ['idle']);
    assert.ok(held, 'its memory is not free yet');
    await engines.memoryIsFree();
    assert.equal(held, undefined);
  });

  it('releases after the idle time that is set now, and not before', async () => {
    await load();
    await pass(10 * MINUTE - 2000);
    assert.deepEqual(engines.released, []);
    idleMinutes = 0;
    await pass(60 * MINUTE);
    assert.deepEqual(engines.released, []);
    idleMinutes = 1;
    await pass(1000);
    assert.deepEqual(engines.released, ['idle']);
  });

  it('releases under memory pressure, as soon as it notices', async () => {
    await load();
    await pass(2 * MINUTE);
    available = LOW_MEMORY_BYTES - 1;
    await pass(15_000);
    assert.deepEqual(engines.released, ['memory']);
  });

  it('releases for another window, or declines while it is working', async () => {
    await load();
    await pass(MINUTE);
    engines.inUse = true;
    asked = true;
    await pass(2000);
    assert.deepEqual([engines.released, asked], [[], false]);
    engines.inUse = false;
    engines.lastUsed = clock.now();
    asked = true;
    await pass(2000);
    assert.deepEqual([engines.released, asked], [[], false], 'the person is typing');
    await pass(QUIET_FOR_OTHERS_MS);
    asked = true;
    await pass(2000);
    assert.deepEqual(engines.released, ['other-window']);
    assert.equal(asked, true, 'the answer is that the memory is free');
    await engines.memoryIsFree();
    assert.equal(asked, false);
  });

  it('looks after nothing while nothing is loaded', async () => {
    await pass(20 * MINUTE);
    await load();
    engines.set({ state: 'stopped' });
    await pass(20 * MINUTE);
    assert.deepEqual(engines.released, []);
    assert.equal(held, undefined);
  });

  it('asks other windows before a load that has no room, and says that it takes time', async () => {
    const asks: string[] = [];
    let waits = 0;
    const other = { id: 'o', pid: 1, model: 'm', bytes: 1, lastUsed: 1, busy: false };
    const preparing = new EngineSleep({
      ...deps,
      registry: {
        ...deps.registry,
        others: async () => [other],
        ask: async (id) => {
          asks.push(id);
          return 'released';
        },
      },
      log: () => undefined,
    });
    available = 0;
    await preparing.prepare(LOAD, () => waits++, new AbortController().signal);
    assert.deepEqual([asks, waits], [['o'], 1]);
    // Whatever goes wrong: the load shows whether there is enough.
    const broken = new EngineSleep({
      ...deps,
      memoryOf: async () => assert.fail('no file'),
      log: () => undefined,
    });
    await broken.prepare(LOAD, () => waits++, new AbortController().signal);
    assert.equal(waits, 1);
  });
});
