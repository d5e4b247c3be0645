import assert from 'node:assert/strict';
import { writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { chooseVariant, type VariantProbe } from '../../../src/inference/variant/chooseVariant';
import { meanDivergence } from '../../../src/inference/variant/divergence';
import { rememberedVariant } from '../../../src/inference/variant/rememberedVariant';
import { temporaryFolder } from '../../support/tinyModel';

const logits = (noise: number): Float32Array[] => [
  Float32Array.from({ length: 50 }, (_, i) => Math.sin(i) * 4 + noise * Math.cos(17 * i)),
];

/** A variant as it would be found on some machine; speeds in tokens per second. */
interface Machine {
  readonly prefill: number;
  readonly decode: number;
  /** How far its logits are off. */
  readonly noise?: number;
  /** Factor on the times of each round, by which other programs slow it down. */
  readonly disturbed?: (round: number) => number;
}

/** Opens probes from a table; an error in it is thrown. */
function machine(table: Partial<Record<Variant, Machine | Error>>) {
  const opened: Variant[] = [];
  const closed: Variant[] = [];
  const open = async (variant: Variant): Promise<VariantProbe> => {
    const entry = table[variant];
    if (entry === undefined) throw new Error(`${variant} must not be asked for`);
    opened.push(variant);
    if (entry instanceof Error) throw entry;
    const { prefill, decode, noise = 0, disturbed = () => 1 } = entry;
    const rounds = { prefill: 0, decode: 0 };
    return {
      logits: async () => logits(noise),
      prefillMs: async () => (1000 / prefill) * disturbed(rounds.prefill++),
      decodeMs: async () => (1000 / decode) * disturbed(rounds.decode++),
      close: async () => void closed.push(variant),
    };
  };
  return { open, opened, closed };
}

describe('chooseVariant', () => {
  it('takes fast where it is faster and computes the same, without trying seven bits', async () => {
    const { open, opened, closed } = machine({
      exact: { prefill: 240, decode: 25 },
      fast: { prefill: 700, decode: 35, noise: 0.01 },
    });
    const { variant, report } = await chooseVariant(open);
    assert.equal(variant, 'fast');
    assert.deepEqual(opened, ['exact', 'fast']);
    assert.deepEqual(closed.sort(), ['exact', 'fast']);
    assert.match(report.reason, /takes 1\.8 times as long with exact/);
    const [exact, fast] = report.measured;
    assert.equal(Math.round(exact?.prefillTokensPerSecond ?? 0), 240);
    assert.equal(Math.round(fast?.decodeTokensPerSecond ?? 0), 35);
    assert.ok((fast?.klToExact ?? 1) < 0.001);
  });

  it('takes exact where that is faster', async () => {
    const { open } = machine({
      exact: { prefill: 240, decode: 25 },
      fast: { prefill: 100, decode: 24, noise: 0.01 },
    });
    const { variant, report } = await chooseVariant(open);
    assert.equal(variant, 'exact');
    assert.match(report.reason, /no other variant is faster/);
  });

  it('weighs prompt and answer as people wait for them', async () => {
    const { open } = machine({
      exact: { prefill: 300, decode: 20 },
      fast: { prefill: 290, decode: 40, noise: 0.01 },
    });
    assert.equal((await chooseVariant(open)).variant, 'fast');
  });

  it('is not misled by other programs, as long as they leave it a moment', async () => {
    const { open } = machine({
      exact: { prefill: 240, decode: 25 },
      fast: { prefill: 700, decode: 35, noise: 0.01, disturbed: (round) => (round === 4 ? 1 : 8) },
    });
    assert.equal((await chooseVariant(open)).variant, 'fast');
  });

  it('takes fast on a busy machine unless it is far slower, and wants to measure again', async () => {
    const exact = { prefill: 240, decode: 25 };
    const busy = (round: number): number => 1 + (round % 3);
    const fast = { prefill: 230, decode: 20, noise: 0.01 };
    const little = await chooseVariant(machine({ exact, fast: { ...fast, disturbed: busy } }).open);
    assert.deepEqual([little.variant, little.settled], ['fast', false]);
    assert.match(little.report.reason, /measured again/);
    const far = await chooseVariant(machine({ exact, fast: { ...fast, decode: 8, disturbed: busy } }).open);
    assert.deepEqual([far.variant, far.settled], ['exact', false]);
    const calm = await chooseVariant(machine({ exact, fast }).open);
    assert.deepEqual([calm.variant, calm.settled], ['exact', true]);
  });

  it('takes seven bits where eight saturate', async () => {
    const { open, closed } = machine({
      exact: { prefill: 240, decode: 25 },
      fast: { prefill: 700, decode: 35, noise: 3 },
      fast7: { prefill: 690, decode: 34, noise: 0.02 },
    });
    const { variant, report } = await chooseVariant(open);
    assert.equal(variant, 'fast7');
    const [, fast, fast7] = report.measured;
    assert.equal(fast?.accepted, false);
    assert.match(fast?.note ?? '', /something else/);
    assert.equal(fast7?.accepted, true);
    assert.deepEqual(closed.sort(), ['exact', 'fast', 'fast7']);
  });

  it('uses nothing that computes wrongly or cannot be measured, however fast', async () => {
    const exact = { prefill: 1, decode: 1 };
    const quick = { prefill: 700, decode: 35 };
    const wrong = machine({ exact, fast: { ...quick, noise: 3 }, fast7: { ...quick, noise: NaN } });
    const first = await chooseVariant(wrong.open);
    assert.equal(first.variant, 'exact');
    assert.match(first.report.reason, /do not compute rightly/);
    assert.deepEqual(wrong.closed.sort(), ['exact', 'fast', 'fast7']);
    const failing = new EngineError('native-failure', 'no such kernel');
    const second = await chooseVariant(machine({ exact, fast: failing, fast7: failing }).open);
    assert.equal(second.variant, 'exact');
    assert.equal(second.report.measured[0]?.prefillTokensPerSecond, 1);
    assert.match(second.report.measured[1]?.note ?? '', /native-failure: no such kernel/);
  });

  it('does not even try what is to be avoided, and says why', async () => {
    const exact = { prefill: 240, decode: 25 };
    const { open, opened } = machine({ exact, fast7: { prefill: 700, decode: 35, noise: 0.01 } });
    const seven = await chooseVariant(open, ['fast']);
    assert.equal(seven.variant, 'fast7');
    assert.deepEqual(opened, ['exact', 'fast7']);
    assert.match(seven.report.measured[1]?.note ?? '', /ended unexpectedly/);
    const none = await chooseVariant(machine({ exact }).open, ['fast', 'fast7']);
    assert.equal(none.variant, 'exact');
    assert.match(none.report.reason, /ended unexpectedly more than once/);
  });

  it('ends when it is cancelled, and when exact cannot be measured', async () => {
    const cancelled = new EngineError('aborted', 'Cancelled.');
    const half = machine({ exact: { prefill: 1, decode: 1 }, fast: cancelled });
    await assert.rejects(chooseVariant(half.open), cancelled);
    assert.deepEqual(half.closed, ['exact']);
    const broken = new EngineError('native-failure', 'broken');
    await assert.rejects(chooseVariant(machine({ exact: broken }).open), broken);
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
    settled: true,
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

  it('measures anew once a variant is to be avoided, and has the old choice when it no longer is', async () => {
    const exact = { ...decision, variant: 'exact' as Variant };
    await rememberedVariant(folder.path, key, async () => decision);
    const avoiding = { ...key, avoided: ['fast', 'fast7'] as const };
    for (let i = 0; i < 2; i++) {
      const chosen = await rememberedVariant(folder.path, avoiding, async () => exact);
      assert.equal(chosen.variant, 'exact');
    }
    const never = () => Promise.reject(new Error('it was remembered'));
    assert.equal((await rememberedVariant(folder.path, { ...key, avoided: [] }, never)).variant, 'fast');
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

  it('does not remember what other programs disturbed', async () => {
    const unsettled = { ...decision, settled: false };
    assert.deepEqual(await rememberedVariant(folder.path, key, async () => unsettled), unsettled);
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('remembers nothing that failed', async () => {
    await assert.rejects(rememberedVariant(folder.path, key, () => Promise.reject(new Error('no'))));
    assert.deepEqual(await readdir(folder.path), []);
  });
});
