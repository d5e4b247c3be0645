import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../../../src/inference/errors';
import { NODE_FILES, type FileLayer } from '../../../src/inference/store/fileLayer';
import { withLock } from '../../../src/inference/store/interProcessLock';
import { startTestProcess } from '../../support/childProcess';
import { expireLock } from '../../support/expireLock';
import { temporaryFolder } from '../../support/tinyModel';

describe('withLock', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'thing');
  });
  afterEach(() => folder.remove());

  const child = (...args: string[]) => startTestProcess('unit/store/lockChild', args);
  const coded = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;

  /** Runs calls at once and counts how many are inside at the same time. */
  async function crowd(calls: number): Promise<number> {
    let inside = 0;
    let most = 0;
    const enter = async () => {
      most = Math.max(most, ++inside);
      await sleep(3);
      inside--;
    };
    await Promise.all(Array.from({ length: calls }, () => withLock(path, {}, enter)));
    return most;
  }

  it('lets one call of a process in at a time, and leaves nothing behind', async () => {
    assert.equal(await crowd(6), 1);
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('lets one process in at a time', async () => {
    await writeFile(path, '0');
    const ends = await Promise.all([1, 2, 3].map(() => child('count', path, '8').ended));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [0, 0, 0],
    );
    assert.equal(await readFile(path, 'utf8'), '24');
  });

  it('tells whether another was there meanwhile', async () => {
    const waited: boolean[] = [];
    const note = (lock: { waited: boolean }) => sleep(5).then(() => void waited.push(lock.waited));
    await Promise.all([withLock(path, {}, note), withLock(path, {}, note)]);
    assert.deepEqual(waited, [false, true]);
  });

  it('gets the lock of a process that was killed', async () => {
    const holder = child('hold', path);
    await holder.line('held');
    holder.process.kill('SIGKILL');
    assert.equal((await holder.ended).signal, 'SIGKILL');
    assert.equal((await stat(`${path}.lock`)).isDirectory(), true);
    let waits = 0;
    const got = await withLock(path, { staleMs: 2000, onWait: () => waits++ }, async () => 'got');
    assert.equal(got, 'got');
    assert.ok(waits > 0);
  });

  it('waits for a process that lives, until it is told not to', async () => {
    const holder = child('hold', path);
    try {
      await holder.line('held');
      const controller = new AbortController();
      let waits = 0;
      // Longer than it takes for a lock that nobody renews to go stale.
      const onWait = () => ++waits === 15 && controller.abort();
      const waiting = withLock(path, { staleMs: 2000, signal: controller.signal, onWait }, async () => 'got');
      await assert.rejects(waiting, coded('aborted'));
      let looks = 0;
      const flagged = withLock(path, { staleMs: 2000, isAborted: () => ++looks > 2 }, async () => 'got');
      await assert.rejects(flagged, coded('aborted'));
    } finally {
      holder.process.kill('SIGKILL');
      await holder.ended;
    }
  });

  const staleDates = { 'long ago': -3600_000, 'in the future, as when a clock was put back': 3600_000 };
  for (const [name, offset] of Object.entries(staleDates)) {
    it(`lets one of many have a lock from ${name}`, async () => {
      for (let round = 0; round < 2; round++) {
        const date = new Date(Date.now() + offset);
        await mkdir(`${path}.lock`);
        await utimes(`${path}.lock`, date, date);
        assert.equal(await crowd(6), 1);
      }
      assert.deepEqual(await readdir(folder.path), []);
    });
  }

  it('gets a lock of the set-up scripts whose process was killed, with the note of its holder in it', async () => {
    await mkdir(`${path}.lock`);
    await writeFile(join(`${path}.lock`, 'holder.json'), '{}');
    await expireLock(path);
    assert.equal(await withLock(path, {}, async () => 'got'), 'got');
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('does not take away a lock that another has made since it looked', async () => {
    await mkdir(`${path}.lock`);
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    let proceed: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (proceed = resolve));
    let slow = true;
    // The slow one has seen a stale lock; before it removes it, the other one does, and takes the lock.
    const late = async <T>(work: () => Promise<T>): Promise<T> => {
      if (slow) await held;
      slow = false;
      return work();
    };
    const files: FileLayer = {
      ...NODE_FILES,
      rename: (from, to) => late(() => NODE_FILES.rename(from, to)),
      rmdir: (at) => late(() => NODE_FILES.rmdir(at)),
    };
    let inside = 0;
    const slowOne = withLock(path, { files }, async () => assert.equal(inside, 0));
    await withLock(path, {}, async () => {
      inside++;
      proceed();
      await sleep(300);
      inside--;
    });
    await slowOne;
  });

  it('begins again when the lock was lost under the work', async () => {
    let runs = 0;
    const result = await withLock(path, { staleMs: 2000 }, async ({ lost, waited }) => {
      if (++runs === 2) return waited;
      // Another process takes it over, as after a sleep of the machine.
      await utimes(`${path}.lock`, new Date(), new Date(Date.now() - 60_000));
      await new Promise((resolve) => lost.addEventListener('abort', resolve));
      throw new Error('stopped');
    });
    assert.equal(runs, 2);
    assert.equal(result, true);
  });

  it('passes on what the action throws, and frees the lock', async () => {
    await assert.rejects(
      withLock(path, {}, async () => {
        throw new EngineError('disk-full', 'full');
      }),
      coded('disk-full'),
    );
    assert.equal(await withLock(path, {}, async ({ waited }) => waited), false);
  });

  it('says what failed where it cannot be made', async () => {
    await writeFile(path, '');
    await assert.rejects(
      withLock(join(path, 'below a file'), {}, async () => 'got'),
      coded('io'),
    );
  });
});
