import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  avoidedVariants,
  collectUncleanEnds,
  recentCrashes,
} from '../../../src/inference/store/crashHistory';
import { SessionMarker, SessionPhases, takeUncleanEnds } from '../../../src/inference/store/sessionMarker';
import { leaveDeadMark } from '../../support/deadMark';
import { temporaryFolder } from '../../support/tinyModel';

const DAY_MS = 24 * 60 * 60_000;
const facts = { model: 'Qwen2.5-Coder 0.5B', variant: 'auto' } as const;

describe('the mark of a session', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => void (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  const marks = () => readdir(join(folder.path, 'session-marks')).catch(() => []);
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

  const leave = (changes: Record<string, unknown>): Promise<string> =>
    leaveDeadMark(folder.path, { phase: 'idle', ...facts }, changes);

  it('is kept true in place, whatever the length of what changes', async () => {
    const marker = await SessionMarker.create(folder.path, { model: 'Größe “ü” 模型', variant: 'auto' });
    assert.ok(marker);
    const phases = new SessionPhases(marker.path);
    const size = (await readFile(marker.path)).length;
    for (const phase of ['running', 'idle', 'loading', 'running'] as const) {
      phases.set({ phase, variant: phase === 'idle' ? 'fast7' : 'exact' });
      const { phase: found, variant, model } = await read(marker.path);
      assert.deepEqual([found, model], [phase, 'Größe “ü” 模型']);
      assert.equal(variant, phase === 'idle' ? 'fast7' : 'exact');
      assert.equal((await readFile(marker.path)).length, size);
    }
    phases.close();
    phases.set({ phase: 'idle' });
    assert.equal((await read(marker.path))['phase'], 'running');
    await marker.remove();
    assert.deepEqual(await marks(), []);
  });

  it('costs a session nothing where it cannot be written or is gone', async () => {
    const blocked = join(folder.path, 'file');
    await writeFile(blocked, '');
    assert.equal(await SessionMarker.create(blocked, facts), undefined);
    assert.deepEqual(await takeUncleanEnds(blocked), []);
    for (const path of [undefined, join(folder.path, 'nothing')]) {
      const phases = new SessionPhases(path);
      phases.set({ phase: 'running' });
      phases.close();
    }
  });

  it('tells of a process that is gone, once, also when several look at the same time', async () => {
    await leave({ phase: 'running', variant: 'fast' });
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeUncleanEnds(folder.path)));
    const [end, ...more] = taken.flat();
    assert.ok(end);
    assert.deepEqual([end.phase, end.variant, end.model], ['running', 'fast', facts.model]);
    assert.deepEqual(more, []);
    assert.deepEqual(await marks(), []);
  });

  it('tells the latest last', async () => {
    for (const [phase, age] of [
      ['running', 1000],
      ['loading', 9000],
      ['idle', 5000],
    ] as const) {
      const date = (Date.now() - age) / 1000;
      await utimes(await leave({ phase }), date, date);
    }
    const ends = await takeUncleanEnds(folder.path);
    assert.deepEqual(
      ends.map(({ phase }) => phase),
      ['loading', 'idle', 'running'],
    );
  });

  it('is left alone while its process lives: this one, another one, one of somebody else', async () => {
    const own = await SessionMarker.create(folder.path, facts);
    await leave({ pid: process.ppid });
    await leave({ pid: 1 });
    assert.deepEqual(await takeUncleanEnds(folder.path), []);
    assert.equal((await marks()).length, 3);
    await own?.remove();
  });

  it('is told from that of an earlier process with the same number, as containers have them', async () => {
    await leave({ pid: process.pid, processStartedAt: Date.now() - DAY_MS });
    assert.equal((await takeUncleanEnds(folder.path)).length, 1);
  });

  it('of another machine or unreadable is left alone for a month', async () => {
    await leave({ host: `not-${hostname()}` });
    await leave({ phase: 'asleep' });
    await mkdir(join(folder.path, 'session-marks'), { recursive: true });
    await writeFile(join(folder.path, 'session-marks', 'torn.mark'), '{"pid": 1');
    await writeFile(join(folder.path, 'session-marks', 'other.txt'), '');
    assert.deepEqual(await takeUncleanEnds(folder.path), []);
    assert.equal((await marks()).length, 4);
    const old = (Date.now() - 31 * DAY_MS) / 1000;
    for (const name of await marks()) await utimes(join(folder.path, 'session-marks', name), old, old);
    assert.deepEqual(await takeUncleanEnds(folder.path), []);
    assert.deepEqual(await marks(), ['other.txt']);
  });

  describe('in the history', () => {
    const crash = async (changes: Record<string, unknown>, ageMs = 0): Promise<void> => {
      const date = (Date.now() - ageMs) / 1000;
      await utimes(await leave(changes), date, date);
      await collectUncleanEnds(folder.path);
    };

    it('has a variant avoided that ended at work twice, and no other', async () => {
      await crash({ variant: 'fast', phase: 'running' });
      assert.deepEqual(await avoidedVariants(folder.path), []);
      await crash({ variant: 'fast', phase: 'idle' });
      await crash({ variant: 'fast7', phase: 'loading' });
      await crash({ variant: 'auto', phase: 'loading' });
      assert.deepEqual(await avoidedVariants(folder.path), []);
      await crash({ variant: 'fast', phase: 'loading' });
      assert.deepEqual(await avoidedVariants(folder.path), ['fast', 'fast7']);
      for (let i = 0; i < 3; i++) await crash({ variant: 'exact', phase: 'running' });
      assert.deepEqual(await avoidedVariants(folder.path), ['fast', 'fast7']);
    });

    it('keeps fast where only seven bits are to be avoided', async () => {
      for (let i = 0; i < 2; i++) await crash({ variant: 'fast7', phase: 'running' });
      assert.deepEqual(await avoidedVariants(folder.path), ['fast7']);
    });

    it('counts for two weeks, and for a given time where one is asked about', async () => {
      await crash({ variant: 'fast', phase: 'running' }, 15 * DAY_MS);
      await crash({ variant: 'fast', phase: 'running' }, 2 * DAY_MS);
      assert.deepEqual(await avoidedVariants(folder.path), []);
      assert.equal((await recentCrashes(folder.path)).length, 1);
      assert.equal((await recentCrashes(folder.path, DAY_MS)).length, 0);
    });

    it('stays short, and begins anew where it cannot be read', async () => {
      for (let i = 0; i < 60; i++) await leave({ phase: 'running' });
      assert.equal((await collectUncleanEnds(folder.path)).length, 60);
      assert.equal((await recentCrashes(folder.path)).length, 50);
      await writeFile(join(folder.path, 'crashes.json'), '[{"phase":');
      assert.deepEqual(await recentCrashes(folder.path), []);
      await crash({ phase: 'running' });
      assert.equal((await recentCrashes(folder.path)).length, 1);
    });
  });
});
