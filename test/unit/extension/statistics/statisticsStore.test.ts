import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CountedEvent } from '../../../../src/extension/statistics/counts';
import { StatisticsStore } from '../../../../src/extension/statistics/statisticsStore';

const NOW = 1_700_000_000_000;
const RETURNED: CountedEvent = { model: 'm', language: 'go', at: NOW, what: { kind: 'returned', ms: 50 } };

describe('StatisticsStore', function () {
  // Locks of two stores wait for each other.
  this.timeout(30_000);
  let folder: string;
  let file: string;
  let lines: string[];
  const open = () => new StatisticsStore({ file, now: () => NOW, log: (line) => lines.push(line) });
  const returned = async (store: StatisticsStore) =>
    (await store.current()).rows.reduce((sum, row) => sum + row.returned, 0);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qwen-coder-statistics-'));
    file = join(folder, 'new', 'statistics.json');
    lines = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps its counts over a restart', async () => {
    const first = open();
    first.count(RETURNED);
    first.count(RETURNED);
    await first.flush();
    assert.equal(await returned(open()), 2);
    assert.deepEqual(lines, []);
  });

  it('adds up what several windows count at the same time', async () => {
    const windows = [open(), open(), open()];
    for (let round = 0; round < 5; round++) {
      for (const one of windows) one.count(RETURNED);
      await Promise.all(windows.map((one) => one.flush()));
    }
    for (const one of windows) assert.equal(await returned(one), 15);
  });

  it('forgets everything at a reset, what is not written yet included', async () => {
    const [one, other] = [open(), open()];
    one.count(RETURNED);
    await one.flush();
    one.count(RETURNED);
    await one.reset();
    assert.equal(await returned(one), 0);
    assert.equal(await returned(other), 0);
  });

  for (const [what, content] of [
    ['cut off', '{"since": 17'],
    ['of something else', '{"since": 1, "rows": 5, "days": []}'],
    ['far too large', ' '.repeat(2_000_000)],
  ] as const) {
    it(`begins anew with a file that is ${what}, and says so in the log`, async () => {
      const first = open();
      first.count(RETURNED);
      await first.flush();
      writeFileSync(file, content);
      const second = open();
      second.count(RETURNED);
      assert.equal(await returned(second), 1);
      assert.ok(lines.some((line) => line.startsWith('statistics: ')));
      assert.ok(statSync(file).size < 1000);
      assert.doesNotThrow(() => void JSON.parse(readFileSync(file, 'utf8')));
    });
  }

  it('keeps counting where it cannot write', async () => {
    writeFileSync(join(folder, 'new'), 'a file where the folder should be');
    const store = open();
    store.count(RETURNED);
    await store.flush();
    assert.match(lines.join(), /not written/);
    rmSync(join(folder, 'new'));
    store.count(RETURNED);
    assert.equal(await returned(store), 2);
  });
});
