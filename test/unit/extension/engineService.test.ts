import assert from 'node:assert/strict';
import { EngineService, type EngineServiceDeps } from '../../../src/extension/engineService';
import { RestartPolicy } from '../../../src/extension/restartPolicy';
import type { Engine, EngineStatus, GenerateEvent, LoadedModel } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import type { LoadOptions } from '../../../src/inference/protocol';

const LOAD: LoadOptions = { modelPath: '/m/a.gguf', cacheDir: '/c', contextTokens: 2048, threads: 2 };

/** An engine whose load and end the test decides; it keeps the promises of the interface and computes nothing. */
class SteeredEngine implements Engine {
  readonly capabilities = { specialTokens: true, prefixReuse: true, tokenCounts: false, maxTopK: 1 };
  status: EngineStatus = { state: 'stopped' };
  starts = 0;
  closing = false;
  #listeners = new Set<(status: EngineStatus) => void>();
  #loading: PromiseWithResolvers | undefined;
  readonly #closed = promiseWithResolvers();

  constructor(readonly load: LoadOptions) {}

  onStatus(listener: (status: EngineStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<LoadedModel> {
    this.starts++;
    this.set({ state: 'loading', phase: 'loading' });
    this.#loading ??= promiseWithResolvers();
    await this.#loading.promise;
    return this.model;
  }

  /** Lets the load succeed. */
  finishLoad(): void {
    this.set({ state: 'ready', model: this.model });
    this.#loading?.resolve();
  }

  /** Begins with a request; `finishLoad` ends it. */
  work(): void {
    this.set({ state: 'working', model: this.model });
  }

  /** Lets the load, or the engine at work, fail. */
  fail(code: 'native-failure' | 'worker-died' | 'worker-stalled' = 'native-failure'): void {
    const error = new EngineError(code, 'The test says so.');
    this.set({ state: 'failed', error: error.toWire() });
    this.#loading?.reject(error);
  }

  generate(): AsyncIterable<GenerateEvent> {
    throw new Error('not asked for here');
  }

  dispose(): Promise<void> {
    this.closing = true;
    this.#loading?.reject(new EngineError('shutting-down', 'Closing.'));
    return this.#closed.promise;
  }

  /** Lets the native run end. */
  finishClosing(): void {
    this.#closed.resolve();
  }

  private set(status: EngineStatus): void {
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }

  private readonly model: LoadedModel = {
    name: 'test',
    architecture: 'qwen2',
    variant: 'fast',
    contextTokens: 2048,
    threads: 2,
    loadMs: 1,
    convertMs: 0,
  };
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function promiseWithResolvers(): PromiseWithResolvers {
  let settle: Omit<PromiseWithResolvers, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  promise.catch(() => undefined);
  assert.ok(settle);
  return { promise, ...settle };
}

/** Lets everything run that needs no further event. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('EngineService', () => {
  let engines: SteeredEngine[];
  let plan: () => Promise<LoadOptions>;
  let now: number;
  let restarts: RestartPolicy;
  let service: EngineService;
  let beforeLoad: EngineServiceDeps['beforeLoad'];
  let statuses: string[];

  beforeEach(() => {
    engines = [];
    plan = async () => LOAD;
    now = 0;
    restarts = new RestartPolicy();
    statuses = [];
    beforeLoad = undefined;
    service = new EngineService({
      plan: () => plan(),
      createEngine: (load) => {
        const engine = new SteeredEngine(load);
        engines.push(engine);
        return engine;
      },
      beforeLoad: async (...load) => beforeLoad?.(...load),
      restarts,
      now: () => now,
      log: () => undefined,
    });
    service.onStatus((status) =>
      statuses.push(status.state === 'failed' ? `failed ${status.error.code}` : status.state),
    );
  });

  const engine = (index: number): SteeredEngine => {
    const found = engines[index];
    assert.ok(found, `engine ${index} was made`);
    return found;
  };
  const coded = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;

  it('makes nothing before it is wanted', async () => {
    await service.check();
    assert.equal(engines.length, 0);
    assert.deepEqual(service.status, { state: 'stopped' });
  });

  it('loads once for all who wait', async () => {
    const first = service.ready();
    const second = service.ready();
    service.warmUp();
    await settled();
    assert.equal(service.loaded, undefined);
    engine(0).finishLoad();
    assert.equal(await first, engine(0));
    assert.equal(await second, engine(0));
    assert.equal(service.loaded, engine(0));
    assert.equal(engine(0).starts, 1);
    assert.deepEqual(statuses, ['loading', 'ready']);
  });

  it('says that the model is missing without making an engine, and notices when it is there', async () => {
    plan = async () => {
      throw new EngineError('model-missing', 'Not downloaded.');
    };
    await service.check();
    await service.check();
    assert.deepEqual(statuses, ['failed model-missing'], 'told once');
    service.warmUp();
    await assert.rejects(service.ready(), coded('model-missing'));
    assert.equal(engines.length, 0);
    plan = async () => LOAD;
    await service.check();
    assert.deepEqual(service.status, { state: 'stopped' });
  });

  it('does not try again by itself what has failed, but does when somebody waits for it', async () => {
    const first = service.ready();
    await settled();
    engine(0).fail();
    await assert.rejects(first, coded('native-failure'));
    assert.deepEqual(statuses, ['loading', 'failed native-failure']);
    service.warmUp();
    await settled();
    assert.equal(engines.length, 1);
    const second = service.ready();
    engine(0).finishClosing();
    await settled();
    engine(1).finishLoad();
    assert.equal(await second, engine(1));
  });

  it('starts again by itself after an unexpected end, three times at most', async () => {
    for (let deaths = 0; deaths < 3; deaths++) {
      service.warmUp();
      await settled();
      engine(deaths).finishLoad();
      await settled();
      engine(deaths).fail(deaths === 1 ? 'worker-stalled' : 'worker-died');
      engine(deaths).finishClosing();
    }
    service.warmUp();
    await settled();
    assert.equal(engines.length, 3);
    now = 11 * 60_000;
    service.warmUp();
    await settled();
    assert.equal(engines.length, 4);
  });

  it('says that it waits for the person where earlier processes ended too often, and then starts', async () => {
    for (const at of [-60_000, -30_000, -10_000]) restarts.died(at);
    await service.check();
    const { status } = service;
    assert.ok(status.state === 'failed' && status.error.code === 'worker-died');
    assert.match(status.error.message, /ended 3 times within a few minutes/);
    service.warmUp();
    await settled();
    assert.equal(engines.length, 0);
    service.reload('asked for');
    await service.check();
    assert.deepEqual(service.status, { state: 'stopped' });
    service.warmUp();
    await settled();
    assert.equal(engines.length, 1);
  });

  it('waits for the old engine’s end before it loads another', async () => {
    service.warmUp();
    await settled();
    engine(0).finishLoad();
    await settled();
    plan = async () => ({ ...LOAD, threads: 7 });
    service.reload('test');
    assert.deepEqual(service.status, { state: 'stopped' });
    assert.equal(service.loaded, undefined);
    const next = service.ready();
    await settled();
    assert.equal(engine(0).closing, true);
    assert.equal(engines.length, 1, 'two models at once may be one too many');
    engine(0).finishClosing();
    await settled();
    assert.equal(engine(1).load.threads, 7);
    engine(1).finishLoad();
    assert.equal(await next, engine(1));
  });

  it('gives the engine of the new plan to those who waited for the old one', async () => {
    const waiting = service.ready();
    await settled();
    plan = async () => ({ ...LOAD, modelPath: '/m/b.gguf' });
    service.reload('test');
    engine(0).finishClosing();
    await settled();
    assert.equal(engine(1).load.modelPath, '/m/b.gguf');
    engine(1).finishLoad();
    assert.equal(await waiting, engine(1));
  });

  it('does not hear the old engine any more', async () => {
    service.warmUp();
    await settled();
    engine(0).finishLoad();
    service.reload('test');
    statuses.length = 0;
    engine(0).fail();
    assert.deepEqual(statuses, []);
    assert.deepEqual(service.status, { state: 'stopped' });
  });

  it('gives the memory of an idle engine back, and brings up another one on demand', async () => {
    service.warmUp();
    await settled();
    engine(0).finishLoad();
    await settled();
    assert.equal(service.release('idle'), true);
    assert.deepEqual(service.status, { state: 'asleep', reason: 'idle' });
    assert.equal(service.loaded, undefined);
    let free = false;
    void service.closed().then(() => (free = true));
    await settled();
    assert.equal(engine(0).closing, true);
    assert.equal(free, false);
    service.warmUp();
    await settled();
    assert.equal(engines.length, 1, 'the memory is not free yet');
    engine(0).finishClosing();
    await settled();
    assert.equal(free, true);
    engine(1).finishLoad();
    await settled();
    assert.equal(service.loaded, engine(1));
  });

  it('releases nothing in use: not while it loads or works, nor between the parts of a request', async () => {
    assert.equal(service.release('idle'), false, 'nothing is loaded');
    service.warmUp();
    await settled();
    assert.equal(service.release('memory'), false, 'it loads');
    engine(0).finishLoad();
    await settled();
    const used = service.use();
    assert.equal(service.release('other-window'), false, 'a request is waiting for a pause in typing');
    engine(0).work();
    used();
    assert.equal(service.release('idle'), false, 'it works');
    assert.equal(engine(0).closing, false);
    engine(0).finishLoad();
    assert.equal(service.release('idle'), true);
    assert.equal(service.release('idle'), false, 'it is gone');
  });

  it('knows when the engine was used last', async () => {
    now = 10;
    service.warmUp();
    await settled();
    now = 20;
    assert.equal(service.lastUsed, 20, 'a load is a use');
    engine(0).finishLoad();
    await settled();
    now = 30;
    assert.equal(service.lastUsed, 20);
    const used = service.use();
    now = 40;
    assert.equal(service.lastUsed, 40);
    used();
    now = 50;
    assert.equal(service.lastUsed, 40);
    engine(0).work();
    now = 60;
    engine(0).finishLoad();
    now = 70;
    assert.equal(service.lastUsed, 60);
  });

  it('waits for room before it makes an engine, says so, and does not where the plan changes', async () => {
    const room = promiseWithResolvers();
    let withdrawn = false;
    beforeLoad = async (_load, onWaiting, signal) => {
      signal.addEventListener('abort', () => (withdrawn = true));
      onWaiting();
      await room.promise;
    };
    service.warmUp();
    await settled();
    assert.deepEqual([engines.length, statuses], [0, ['loading']]);
    service.reload('test');
    assert.equal(withdrawn, true);
    plan = async () => ({ ...LOAD, threads: 9 });
    room.resolve();
    await settled();
    assert.deepEqual(
      engines.map(({ load }) => load.threads),
      [9],
    );
  });

  it('ends only when the native run has ended, and refuses everything afterwards', async () => {
    service.warmUp();
    await settled();
    engine(0).finishLoad();
    await settled();
    let ended = false;
    const ending = service.dispose().then(() => (ended = true));
    await settled();
    assert.equal(engine(0).closing, true);
    assert.equal(ended, false);
    engine(0).finishClosing();
    await ending;
    await assert.rejects(service.ready(), coded('shutting-down'));
    service.warmUp();
    await settled();
    assert.equal(engines.length, 1);
  });

  it('tells those who wait for a load that it is being closed', async () => {
    const waiting = service.ready();
    await settled();
    const ending = service.dispose();
    await assert.rejects(waiting, coded('shutting-down'));
    engine(0).finishClosing();
    await ending;
  });
});
