/** The real model in processes that die or run short of memory, and what the next start knows of it. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { collectUncleanEnds } from '../../src/inference/store/crashHistory';
import { sharedConvertedDir } from '../support/sharedStorage';
import { startSacrifice, type SacrificeEnd, type SacrificeOrder } from '../support/sacrifice';
import { testModelPath } from '../support/testModel';

/** Threads terminated until one was in a native run. */
const TERMINATIONS = 5;

describe('the real model in a process of its own', function () {
  this.timeout(300_000);
  const modelPath = testModelPath();
  // The converted files are there already; marks of other processes than ours stay, since those live.
  const cacheDir = sharedConvertedDir();
  const order = (end: SacrificeOrder['end'], text = 'def f('): SacrificeOrder => ({
    load: { modelPath, displayName: 'Real', cacheDir, contextTokens: 2048, threads: 2, variant: 'exact' },
    request: { prompt: [{ text }], maxTokens: 4 },
    end,
  });
  const ends = () => collectUncleanEnds(cacheDir);
  const failure = ({ said }: SacrificeEnd) => said.find((message) => message.did === 'failed');

  before(ends);

  it('is aborted with the process when its thread is terminated in a native run; the next start says so', async () => {
    const terminate = (): Promise<SacrificeEnd> =>
      startSacrifice(order('terminate-in-run', 'value = value + 1\n'.repeat(200))).ended;
    const isAborted = ({ signal, exitCode }: SacrificeEnd): boolean =>
      signal === 'SIGABRT' || exitCode === 134;
    let end = await terminate();
    // Now and then the thread is hit between two native runs, and ends without harm.
    for (let tries = 1; !isAborted(end) && tries < TERMINATIONS; tries++) end = await terminate();
    assert.ok(isAborted(end), JSON.stringify(end));
    assert.match(end.stderr, /Napi::Error/);
    const [told] = await ends();
    assert.deepEqual([told?.phase, told?.model, told?.variant], ['running', 'Real', 'exact']);
  });

  // No other system bounds a process's address space so that allocations fail.
  if (process.platform === 'linux') {
    it('without enough memory fails as out-of-memory, or ends and the next start says so', async () => {
      const whole = await startSacrifice(order('dispose')).ended;
      const generated = whole.said.find((message) => message.did === 'generated');
      assert.ok(generated, whole.stderr);
      const modelKib = (await stat(modelPath)).size / 1024;
      let refused = 0;
      for (const lacking of [0.2, 0.6, 1, 1.4, 1.8, 2.2]) {
        const limit = Math.round(generated.addressSpaceKib - lacking * modelKib);
        const end = await startSacrifice(order('dispose'), limit).ended;
        const told = await ends();
        const failed = failure(end);
        if (failed !== undefined) {
          assert.equal(failed.code, 'out-of-memory', JSON.stringify(failed));
          assert.deepEqual([end.said.at(-1)?.did, end.exitCode, told.length], ['closed', 0, 0], end.stderr);
          refused++;
        } else if (end.said.some((message) => message.did === 'generated')) {
          // Two runs differ by an allocator's arena or two (64 MiB of address space each), so the smallest shortage may be none.
          assert.ok(lacking < 0.5, `generated with ${limit} KiB of ${generated.addressSpaceKib} KiB`);
          assert.deepEqual([end.said.at(-1)?.did, end.exitCode, told.length], ['closed', 0, 0], end.stderr);
        } else {
          assert.ok(end.signal !== null || (end.exitCode ?? 0) >= 128, JSON.stringify(end));
          // With the least memory the process ends before there is an engine.
          const { phase } = told[0] ?? {};
          assert.ok(phase === undefined || phase === 'loading' || phase === 'running', phase);
        }
        const enough = end.exitCode === 0 ? 'enough' : `ended (${end.signal ?? end.exitCode})`;
        console.log(`      ${limit} KiB: ${failed?.code ?? enough}`);
      }
      assert.ok(refused >= 2, 'no shortage was told in an orderly way');
      const again = await startSacrifice(order('dispose')).ended;
      assert.equal(again.said.at(-1)?.did, 'closed');
      assert.equal(failure(again), undefined);
    });
  }
});
