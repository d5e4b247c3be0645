import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { verifyWhenIdle, type CheckTarget } from '../../../src/inference/store/verifyWhenIdle';
import { temporaryFolder } from '../../support/tinyModel';

describe('verifyWhenIdle', () => {
  /** More than two reads. */
  const CONTENT = Buffer.alloc(2_500_000, 'weights');
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let targets: CheckTarget[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    const sha256 = createHash('sha256').update(CONTENT).digest('hex');
    targets = ['a', 'b', 'c'].map((name) => ({
      path: join(folder.path, name),
      bytes: CONTENT.length,
      sha256,
    }));
    for (const { path } of targets) await writeFile(path, CONTENT);
  });
  afterEach(() => folder.remove());

  const damagedOf = async () =>
    (await verifyWhenIdle(targets, { dutyCycle: 1 })).map(({ path }) =>
      targets.findIndex((t) => t.path === path),
    );

  it('finds files that are missing, shorter or other than they must be', async () => {
    assert.deepEqual(await damagedOf(), []);
    await writeFile(targets[0]?.path ?? '', Buffer.from(CONTENT).fill(0, 2_400_000, 2_400_001));
    await truncate(targets[1]?.path ?? '', CONTENT.length - 1);
    assert.deepEqual(await damagedOf(), [0, 1]);
    await rm(targets[2]?.path ?? '');
    assert.deepEqual(await damagedOf(), [0, 1, 2]);
  });

  it('waits while it is not wanted, and goes on', async () => {
    let looks = 0;
    const isIdle = () => ++looks !== 2;
    assert.deepEqual(await verifyWhenIdle(targets.slice(0, 1), { dutyCycle: 1, isIdle }), []);
    // Three reads, the one that finds the end, and the one look that said no.
    assert.equal(looks, 5);
  });

  it('stops at once when it is told to', async () => {
    const aborted = (error: unknown) => error instanceof EngineError && error.code === 'aborted';
    await assert.rejects(verifyWhenIdle(targets, { signal: AbortSignal.abort() }), aborted);
    const controller = new AbortController();
    const waiting = verifyWhenIdle(targets, {
      signal: controller.signal,
      isIdle: () => {
        setImmediate(() => controller.abort());
        return false;
      },
    });
    await assert.rejects(waiting, aborted);
  });
});
