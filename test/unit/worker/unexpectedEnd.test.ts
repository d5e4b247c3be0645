/** Processes that die with the engine in them, and what the next start knows of it. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GenerateRequest, LoadedModel, VariantChoice } from '../../../src/inference/engine';
import type { LoadOptions } from '../../../src/inference/protocol';
import { collectUncleanEnds, recentCrashes } from '../../../src/inference/store/crashHistory';
import { startWorkerThread } from '../../../src/inference/worker/engineThread';
import { WorkerEngine } from '../../../src/inference/worker/workerEngine';
import { collect } from '../../support/collect';
import type { Fault } from '../../support/faults';
import {
  startSacrifice,
  type Sacrifice,
  type SacrificeEnd,
  type SacrificeOrder,
} from '../../support/sacrifice';
import { temporaryFolder, TINY_UNTIED } from '../../support/tinyModel';

const request: GenerateRequest = { prompt: [{ text: 'def f(' }], maxTokens: 8, stopTokens: [] };

/** The native run in which *fast* computes for the first time: the one before is *exact*, to compare with. */
const FIRST_OF_FAST = 2;

describe('a process that ends unexpectedly', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const sacrifices: Sacrifice[] = [];

  beforeEach(async () => void (folder = await temporaryFolder()));
  afterEach(async () => {
    for (const { process, ended } of sacrifices.splice(0)) {
      process.kill('SIGKILL');
      await ended;
    }
    await folder.remove();
  });

  const cacheDir = () => join(folder.path, 'converted');
  const load = (variant: VariantChoice = 'exact'): LoadOptions => ({
    modelPath: TINY_UNTIED,
    displayName: 'Tiny',
    cacheDir: cacheDir(),
    contextTokens: 256,
    threads: 1,
    variant,
  });
  const start = (end: SacrificeOrder['end'], fault?: Fault, variant?: VariantChoice): Sacrifice => {
    const sacrifice = startSacrifice({ load: load(variant), request, end, ...(fault && { fault }) });
    sacrifices.push(sacrifice);
    return sacrifice;
  };
  const marks = () => readdir(join(cacheDir(), 'session-marks'));

  /** Loads and closes the engine in this process. */
  async function nextStart(
    variant?: VariantChoice,
    use: (engine: WorkerEngine) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<LoadedModel> {
    const engine = new WorkerEngine(
      load(variant),
      () => Promise.resolve(),
      () => startWorkerThread(resolve('dist/worker.js')),
    );
    try {
      const model = await engine.start();
      await use(engine);
      return model;
    } finally {
      await engine.dispose();
    }
  }

  /** By a signal, or with a number of one or (on Windows) of an exception as exit code. */
  function assertCrashed({ signal, exitCode, said }: SacrificeEnd): void {
    assert.ok(signal !== null || (exitCode ?? 0) >= 128, JSON.stringify({ signal, exitCode, said }));
  }
  const did = ({ said }: SacrificeEnd) => said.map((message) => message.did);

  it('by a native abort in a run: the next start says that it was running', async () => {
    const before = Date.now();
    const end = await start('dispose', { kind: 'abort', run: 4 }).ended;
    assertCrashed(end);
    assert.deepEqual(did(end), ['loaded']);
    const { previousEnd } = await nextStart();
    const { at = 0, ...what } = previousEnd ?? {};
    assert.deepEqual(what, { phase: 'running', model: 'Tiny', variant: 'exact' });
    // Dates of files may be coarse.
    assert.ok(at > before - 5000 && at <= Date.now(), `${at}`);
    assert.equal((await nextStart()).previousEnd, undefined, 'it was told twice');
    assert.deepEqual(await marks(), []);
  });

  it('by a native abort in a load: the next start says that it was loading', async () => {
    const end = await start('dispose', { kind: 'abort', run: 0 }).ended;
    assertCrashed(end);
    assert.deepEqual(did(end), []);
    const { phase, variant } = (await nextStart()).previousEnd ?? {};
    assert.deepEqual([phase, variant], ['loading', 'exact']);
  });

  it('by being killed while nothing is asked of it: the next start says that it was idle', async () => {
    const sacrifice = start('wait');
    await sacrifice.until('generated');
    sacrifice.process.kill('SIGKILL');
    assert.equal((await sacrifice.ended).signal, 'SIGKILL');
    assert.equal((await nextStart()).previousEnd?.phase, 'idle');
  });

  it('by running out of memory: the next start says so much as that it ended', async () => {
    const end = await start('fill-heap').ended;
    assertCrashed(end);
    assert.match(end.stderr, /heap out of memory/);
    const { previousEnd } = await nextStart();
    // The thread may have come to the end of its answer before the heap was full.
    assert.ok(previousEnd?.phase === 'running' || previousEnd?.phase === 'idle', JSON.stringify(previousEnd));
  });

  it('by leaving without closing the engine: the same', async () => {
    assert.equal((await start('exit').ended).exitCode, 0);
    assert.equal((await nextStart()).previousEnd?.phase, 'idle');
  });

  it('is not one that lives, nor one that closed its engine, also after an error', async () => {
    const living = start('wait');
    await living.until('generated');
    assert.equal((await nextStart()).previousEnd, undefined);
    assert.equal((await marks()).length, 1);
    living.process.kill('SIGKILL');
    await living.ended;
    await collectUncleanEnds(cacheDir());

    for (const fault of [undefined, { kind: 'reject', run: 3 }, { kind: 'exit', run: 3 }] as const) {
      const end = await start('dispose', fault).ended;
      assert.deepEqual([end.exitCode, did(end).at(-1)], [0, 'closed'], end.stderr);
    }
    assert.equal((await nextStart()).previousEnd, undefined);
    assert.deepEqual(await marks(), []);
  });

  it('is remembered, each by the start after it', async () => {
    assert.deepEqual(await recentCrashes(cacheDir()), []);
    for (const run of [1, 0]) await start('dispose', { kind: 'abort', run }).ended;
    const killed = start('wait');
    await killed.until('generated');
    killed.process.kill('SIGKILL');
    await killed.ended;
    assert.deepEqual(
      (await collectUncleanEnds(cacheDir())).map(({ phase }) => phase),
      ['idle'],
    );
    assert.deepEqual(
      (await recentCrashes(cacheDir())).map(({ phase }) => phase),
      ['running', 'loading'],
    );
  });

  it('twice while a variant was being tried has that one left out, and the rest works', async () => {
    for (let time = 0; time < 2; time++) {
      const end = await start('dispose', { kind: 'abort', run: FIRST_OF_FAST }, 'auto').ended;
      assertCrashed(end);
      assert.deepEqual(did(end), []);
    }
    const { variant, choice, previousEnd } = await nextStart('auto');
    assert.deepEqual([previousEnd?.phase, previousEnd?.variant], ['loading', 'fast']);
    assert.equal(variant, 'exact');
    assert.match(choice?.reason ?? '', /ended unexpectedly more than once/);
    // A person may insist, and where that goes well the variant is as good as before.
    assert.equal((await nextStart('fast')).variant, 'fast');
    assert.match((await nextStart('auto')).choice?.reason ?? '', /ended unexpectedly more than once/);
    await nextStart('fast', (engine) => collect(engine.generate(request)));
    assert.doesNotMatch((await nextStart('auto')).choice?.reason ?? '', /ended unexpectedly/);
  });
});
