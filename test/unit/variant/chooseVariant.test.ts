import assert from 'node:assert/strict';
import { writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { chooseVariant, type VariantMeasurement } from '../../../src/inference/variant/chooseVariant';
import { meanDivergence } from '../../../src/inference/variant/divergence';
import { rememberedVariant } from '../../../src/inference/variant/rememberedVariant';
import { temporaryFolder } from '../../support/tinyModel';

const logits = (noise: number): Float32Array[] => [
  Float32Array.from({ length: 50 }, (_, i) => Math.sin(i) * 4 + noise * Math.cos(17 * i)),
];

const measurement = (prefill: number, decode: number, noise = 0): VariantMeasurement => ({
  prefillTokensPerSecond: prefill,
  decodeTokensPerSecond: decode,
  logits: logits(noise),
});

/** Measures from a table; an error in it is thrown. */
const from =
  (table: Partial<Record<Variant, VariantMeasurement | Error>>, asked: Variant[] = []) =>
  async (variant: Variant): Promise<VariantMeasurement> => {
    asked.push(variant);
    const entry = table[variant];
    if (entry === undefined) throw new Error(`${variant} must not be asked for`);
    if (entry instanceof Error) throw entry;
    return entry;
  };

describe('chooseVariant', () => {
  it('takes fast where it is faster and computes the same, without trying seven bits', async () => {
    const asked: Variant[] = [];
    const table = { exact: measurement(240, 25), fast: measurement(700, 35, 0.01) };
    const { variant, report } = await chooseVariant(from(table, asked));
    assert.equal(variant, 'fast');
    assert.deepEqual(asked, ['exact', 'fast']);
    assert.match(report.reason, /times as long with exact/);
    assert.ok((report.measured[1]?.klToExact ?? 1) < 0.001);
  });

  it('takes exact where that is faster', async () => {
    const { variant, report } = await chooseVariant(
      from({ exact: measurement(240, 25), fast: measurement(100, 24, 0.01) }),
    );
    assert.equal(variant, 'exact');
    assert.match(report.reason, /no other variant is faster/);
  });

  it('weighs prompt and answer as people wait for them', async () => {
    const slowerPrompt = { exact: measurement(300, 20), fast: measurement(290, 40, 0.01) };
    assert.equal((await chooseVariant(from(slowerPrompt))).variant, 'fast');
  });

  it('takes seven bits where eight saturate', async () => {
    const saturated = measurement(700, 35, 3);
    const { variant, report } = await chooseVariant(
      from({ exact: measurement(240, 25), fast: saturated, fast7: measurement(690, 34, 0.02) }),
    );
    assert.equal(variant, 'fast7');
    const [, fast, fast7] = report.measured;
    assert.equal(fast?.accepted, false);
    assert.match(fast?.note ?? '', /something else/);
    assert.equal(fast7?.accepted, true);
  });

  it('uses nothing that computes wrongly or cannot be measured, however fast', async () => {
    const wrong = {
      exact: measurement(1, 1),
      fast: measurement(700, 35, 3),
      fast7: measurement(700, 35, NaN),
    };
    const first = await chooseVariant(from(wrong));
    assert.equal(first.variant, 'exact');
    assert.match(first.report.reason, /do not compute rightly/);
    const failing = new EngineError('native-failure', 'no such kernel');
    const second = await chooseVariant(from({ exact: measurement(1, 1), fast: failing, fast7: failing }));
    assert.equal(second.variant, 'exact');
    assert.match(second.report.measured[1]?.note ?? '', /native-failure: no such kernel/);
  });

  it('ends when it is cancelled, and when exact cannot be measured', async () => {
    const cancelled = new EngineError('aborted', 'Cancelled.');
    await assert.rejects(chooseVariant(from({ exact: measurement(1, 1), fast: cancelled })), cancelled);
    const broken = new EngineError('native-failure', 'broken');
    await assert.rejects(chooseVariant(from({ exact: broken })), broken);
  });
});

describe('meanDivergence', () => {
  it('is zero for the same distributions, also where logits differ by a constant', () => {
    const row = Float32Array.of(1, 2, 3);
    assert.ok(Math.abs(meanDivergence([row], [row.map((x) => x + 5)])) < 1e-6);
  });

  it('is the divergence by its definition', () => {
    const p = [0.5, 0.25, 0.25];
    const q = [0.25, 0.5, 0.25];
    const expected = p.reduce((sum, x, i) => sum + x * Math.log(x / (q[i] as number)), 0);
    const found = meanDivergence([Float32Array.from(p, Math.log)], [Float32Array.from(q, Math.log)]);
    assert.ok(Math.abs(found - expected) < 1e-6);
  });
});

describe('rememberedVariant', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  const key = { weightsSha256: 'abc', threads: 2, processor: 'linux x64 Some Processor' };
  const decision = {
    variant: 'fast' as Variant,
    report: { reason: 'measured', measured: [] },
  };

  it('measures once for each processor, model and number of threads', async () => {
    let measured = 0;
    const choose = async () => {
      measured++;
      return decision;
    };
    assert.deepEqual(await rememberedVariant(folder.path, key, choose), decision);
    assert.deepEqual(await rememberedVariant(folder.path, key, choose), decision);
    assert.equal(measured, 1);
    for (const other of [{ processor: 'another' }, { weightsSha256: 'def' }, { threads: 4 }]) {
      await rememberedVariant(folder.path, { ...key, ...other }, choose);
    }
    assert.equal(measured, 4);
  });

  it('measures again where the memory is damaged', async () => {
    await rememberedVariant(folder.path, key, async () => decision);
    const [name] = await readdir(folder.path);
    for (const content of ['', '{"variant":"fast"}', JSON.stringify({ key: 'other', ...decision })]) {
      await writeFile(join(folder.path, name ?? ''), content);
      let measured = false;
      await rememberedVariant(folder.path, key, async () => {
        measured = true;
        return decision;
      });
      assert.ok(measured, content);
    }
  });

  it('remembers nothing that failed', async () => {
    await assert.rejects(rememberedVariant(folder.path, key, () => Promise.reject(new Error('no'))));
    assert.deepEqual(await readdir(folder.path), []);
  });
});
