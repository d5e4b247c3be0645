/** The engine's client and its real worker, with a fault in the worker at a chosen native run. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import type { GenerateRequest } from '../../../src/inference/engine';
import { EngineError, type EngineErrorCode } from '../../../src/inference/errors';
import { seededRandom } from '../../../src/inference/random';
import { AbandonedThreads } from '../../../src/inference/worker/abandonedThreads';
import { startWorkerThread, type EngineThread } from '../../../src/inference/worker/engineThread';
import { DEFAULT_PATIENCE } from '../../../src/inference/worker/watchdog';
import { WorkerEngine } from '../../../src/inference/worker/workerEngine';
import { collect, type Collected } from '../../support/collect';
import type { Fault, FaultKind } from '../../support/faults';
import { startFaultyThread, type FaultyThread } from '../../support/faultyThread';
import { ManualTicks } from '../../support/manualTicks';
import { temporaryFolder, TINY_UNTIED } from '../../support/tinyModel';

/** One prefill of one chunk, 19 steps; the next request finds its prompt evaluated. */
const TOKENS = 20;
const request: GenerateRequest = {
  prompt: [{ special: 'fim_prefix' }, { text: 'def total(values):\n    return ' }, { special: 'fim_middle' }],
  maxTokens: TOKENS,
  // Faults come at a run that is counted.
  drafts: false,
  stopTokens: [],
};
/** Asked for at once. */
const REQUESTS = 3;
const RUNS = TOKENS + (REQUESTS - 1) * (TOKENS - 1);
/** The request that a run belongs to; runs are counted from 1. */
const requestOf = (run: number): number => Math.max(0, Math.floor((run - 2) / (TOKENS - 1)));
const SEED = 20_240_917;
const POINTS = 50;

const CODES: Readonly<Record<Exclude<FaultKind, 'abort'>, EngineErrorCode>> = {
  reject: 'native-failure',
  throw: 'worker-died',
  exit: 'worker-died',
  lost: 'worker-stalled',
  block: 'worker-stalled',
};
const KINDS = Object.keys(CODES) as (keyof typeof CODES)[];
const isStall = (kind: FaultKind): boolean => kind === 'lost' || kind === 'block';

describe('a worker with a fault in it', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let expected: string;
  const engines: WorkerEngine[] = [];
  const faulty: FaultyThread[] = [];

  const load = () => ({
    modelPath: TINY_UNTIED,
    cacheDir: join(folder.path, 'converted'),
    contextTokens: 256,
    threads: 1,
    // Choosing one would be native runs too.
    variant: 'exact' as const,
  });

  /** An engine whose first threads have the faults, and whose later ones have none. */
  function engineWith(
    faults: readonly Fault[],
    stalls: { ticks?: ManualTicks; abandoned?: AbandonedThreads } = {},
  ) {
    let threads = 0;
    const startThread = (): EngineThread => {
      const fault = faults[threads++];
      if (fault === undefined) return startWorkerThread(resolve('dist/worker.js'));
      const started = startFaultyThread(fault);
      faulty.push(started);
      return started.thread;
    };
    const { ticks, abandoned } = stalls;
    const engine = new WorkerEngine(load(), () => Promise.resolve(), startThread, undefined, {
      ...(ticks && { startTicking: ticks.start }),
      ...(abandoned && { abandoned }),
    });
    engines.push(engine);
    return { engine, threads: () => threads };
  }

  before(async () => {
    folder = await temporaryFolder();
    const { engine } = engineWith([]);
    expected = (await collect(engine.generate(request))).text;
    assert.notEqual(expected, '');
  });
  afterEach(async () => {
    // What is stuck stands outside the native library, so that it may be ended by force.
    await Promise.all(faulty.splice(0).map((thread) => thread.end()));
    await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
  });
  after(() => folder.remove());

  describe(`at ${POINTS} random points, seed ${SEED}`, () => {
    const random = seededRandom(SEED);
    for (let point = 0; point < POINTS; point++) {
      const kind = KINDS[point % KINDS.length] as keyof typeof CODES;
      const run = 1 + Math.floor(random() * RUNS);
      it(`settles every call and serves the next one: ${kind} at run ${run}`, () => survive(kind, run));
    }
  });

  async function survive(kind: keyof typeof CODES, run: number): Promise<void> {
    const ticks = new ManualTicks();
    const { engine, threads } = engineWith([{ kind, run }], { ticks });
    const calls = Array.from({ length: REQUESTS }, () => collect(engine.generate(request)));
    const results = await (isStall(kind) ? outwaited(ticks, calls) : Promise.allSettled(calls));
    const failed = requestOf(run);
    results.forEach((result, index) => {
      const suffers = kind === 'reject' ? index === failed : index >= failed;
      if (suffers) assert.equal(codeOf(result), CODES[kind], `request ${index}`);
      else assert.equal(textOf(result), expected, `request ${index}`);
    });
    assert.equal(engine.status.state, kind === 'reject' ? 'ready' : 'failed');
    assert.equal((await collect(engine.generate(request))).text, expected);
    assert.equal(threads(), kind === 'reject' ? 1 : 2);
    assert.equal(engine.status.state, 'ready');
  }

  /** Lets time pass once the fault has happened, until every call is settled. */
  async function outwaited<T>(ticks: ManualTicks, calls: readonly Promise<T>[]) {
    let settled = false;
    const all = Promise.allSettled(calls).finally(() => (settled = true));
    await untilStarted(faulty);
    await faulty.at(-1)?.reached();
    while (!settled) {
      // Messages from before the fault are signs of life until they have arrived.
      await new Promise((next) => setTimeout(next, 5));
      ticks.pass(DEFAULT_PATIENCE.requestMs);
    }
    return all;
  }

  it('fails a load that gets stuck, and loads anew', async () => {
    const ticks = new ManualTicks();
    const { engine } = engineWith([{ kind: 'block', run: 0 }], { ticks });
    const starting = engine.start();
    starting.catch(() => undefined);
    await untilStarted(faulty);
    await faulty[0]?.reached();
    await untilPhase(engine, 'loading');
    // Longer than a request may be silent, and shorter than a load may.
    ticks.pass(2 * DEFAULT_PATIENCE.requestMs);
    assert.equal(engine.status.state, 'loading');
    const [load] = await outwaited(ticks, [starting]);
    assert.equal(load?.status === 'rejected' && (load.reason as EngineError).code, 'worker-stalled');
    assert.equal((await collect(engine.generate(request))).text, expected);
  });

  it('gives a withdrawn call up too, so that the next one is served', async () => {
    const ticks = new ManualTicks();
    const { engine } = engineWith([{ kind: 'block', run: 5 }], { ticks });
    const controller = new AbortController();
    const withdrawn = collect(engine.generate(request, controller.signal));
    withdrawn.catch(() => undefined);
    await untilStarted(faulty);
    await faulty[0]?.reached();
    controller.abort();
    await assert.rejects(withdrawn, { code: 'aborted' });
    const [waiting] = await outwaited(ticks, [collect(engine.generate(request))]);
    assert.equal(waiting && codeOf(waiting), 'worker-stalled');
    assert.equal((await collect(engine.generate(request))).text, expected);
  });

  it('lets a thread that goes on after all end by itself', async () => {
    const ticks = new ManualTicks();
    const abandoned = new AbandonedThreads();
    const { engine } = engineWith([{ kind: 'block', run: 7 }], { ticks, abandoned });
    const [stuck] = await outwaited(ticks, [collect(engine.generate(request))]);
    assert.equal(stuck && codeOf(stuck), 'worker-stalled');
    const [thread] = faulty as [FaultyThread];
    assert.equal(abandoned.size, 1);
    assert.equal((await collect(engine.generate(request))).text, expected);
    const runs = thread.runs();
    thread.resume();
    assert.deepEqual(await thread.thread.ended, { exitCode: 0 });
    assert.equal(thread.runs(), runs, 'it began another run');
    assert.equal(abandoned.size, 0);
    assert.equal(engine.status.state, 'ready', 'its end was taken for that of the thread in use');
  });

  it('starts no further thread once two are stuck, until one of them ends', async () => {
    const ticks = new ManualTicks();
    const abandoned = new AbandonedThreads();
    for (let stuck = 0; stuck < 2; stuck++) {
      // Another engine each, as the extension makes one after a failure.
      const { engine } = engineWith([{ kind: 'block', run: 1 }], { ticks, abandoned });
      const calls = [collect(engine.generate(request))];
      await untilStarted(faulty, stuck + 1);
      const [call] = await outwaited(ticks, calls);
      assert.equal(call && codeOf(call), 'worker-stalled');
    }
    const { engine, threads } = engineWith([], { ticks, abandoned });
    await assert.rejects(collect(engine.generate(request)), (error: unknown) => {
      assert.ok(error instanceof EngineError && error.code === 'worker-stalled');
      assert.match(error.message, /got stuck 2 times/);
      return true;
    });
    assert.equal(threads(), 0);
    faulty[0]?.resume();
    await faulty[0]?.thread.ended;
    assert.equal((await collect(engine.generate(request))).text, expected);
  });

  it('can be disposed of while it is stuck', async () => {
    const ticks = new ManualTicks();
    const { engine } = engineWith([{ kind: 'block', run: 3 }], { ticks });
    const stuck = collect(engine.generate(request));
    stuck.catch(() => undefined);
    await untilStarted(faulty);
    await faulty[0]?.reached();
    const disposed = engine.dispose();
    await assert.rejects(stuck, { code: 'shutting-down' });
    await outwaited(ticks, [disposed]);
    assert.equal(engine.status.state, 'stopped');
  });

  it('looks by a timer of its own where nobody lends it one', async () => {
    const quick = new WorkerEngine(
      load(),
      () => Promise.resolve(),
      () => {
        const started = startFaultyThread({ kind: 'lost', run: 2 });
        faulty.push(started);
        return started.thread;
      },
      undefined,
      { patience: { loadMs: DEFAULT_PATIENCE.loadMs, requestMs: 1 } },
    );
    engines.push(quick);
    await assert.rejects(collect(quick.generate(request)), { code: 'worker-stalled' });
  });
});

const codeOf = (result: PromiseSettledResult<Collected>): EngineErrorCode | undefined =>
  result.status === 'rejected' && result.reason instanceof EngineError ? result.reason.code : undefined;
const textOf = (result: PromiseSettledResult<Collected>): string | undefined =>
  result.status === 'fulfilled' ? result.value.text : undefined;

async function poll(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((next) => setTimeout(next, 2));
}
const untilStarted = (threads: readonly FaultyThread[], count = 1) => poll(() => threads.length >= count);
const untilPhase = (engine: WorkerEngine, phase: string) =>
  poll(() => engine.status.state === 'loading' && engine.status.phase === phase);
