import assert from 'node:assert/strict';
import type { BenchReport } from '../../bench/benchReport';
import type { EngineKind, EngineNumbers } from '../../bench/compareEngines';
import { renderReport } from '../../bench/report';
import { judgeTargets } from '../../bench/targets';

/** An engine that takes `factor` times as long as one second of everything. */
function numbers(name: string, kind: EngineKind, factor: number): EngineNumbers {
  const memory = { resident: factor * 1e9, peak: factor * 2e9, anonymous: factor * 5e8 };
  return {
    ...{ name, kind, version: `version of ${name}` },
    loadMs: [1000 * factor, 3000 * factor, 2000 * factor],
    prefill: [128, 512, 2048].map((tokens) => ({ tokens, ms: [tokens * factor, tokens * factor] })),
    decodeMs: [10 * factor, 10 * factor],
    own: kind === 'native' ? [{ prefillMs: 500 * factor, decodeMs: 9 * factor }] : [],
    keystrokes: { ms: [100 * factor], tokens: 253 },
    keptKeystrokes: { ms: [100 * factor ** 2], tokens: 20 },
    ...{ memoryLoaded: memory, memoryWorked: memory },
  };
}

function report(engines: readonly EngineNumbers[], run: Partial<BenchReport['run']> = {}): BenchReport {
  return {
    machine: {
      ...{ processor: 'Processor', cores: 2, instructions: 'AVX2 yes', memoryGb: 8 },
      ...{ system: 'linux', node: 'v20' },
    },
    run: {
      ...{
        date: '2026-01-02',
        command: 'npm run bench',
        model: 'model.gguf',
        threads: 2,
        contextTokens: 2304,
      },
      ...{ keystrokes: 1, minutes: 1, loadBefore: '0', loadAfter: '0', hasTargets: true },
      ...run,
    },
    engines,
    llamaBench: { prefillMs: [512], decodeMs: [8] },
    conversions: [{ variant: 'fast', convertMs: 9000, restMs: 2000, peakBytes: 1e9 }],
    chunks: [{ chunkTokens: 64, totalMs: [512], chunkMs: [64] }],
    aborts: { prefill: [1], decode: [1] },
    typing: [{ name: 'idle', runs: [{ p50: 1, p99: 2, max: 3, requests: 0, busyShare: 0 }] }],
  };
}

const ours = numbers('ours, fast', 'ours', 1);
const prebuilt = numbers('llama.cpp, prebuilt', 'prebuilt', 6);
const native = numbers('llama.cpp, native', 'native', 1.05);

describe('targets', () => {
  it('are met or not by the median of the pairs', () => {
    const results = judgeTargets(ours, [ours, prebuilt, native]);
    assert.deepEqual(
      results.map(({ target, achieved, met }) => [target.against, achieved?.median.toFixed(2), met]),
      [
        ['prebuilt', '6.00', true],
        ['native', '1.05', false],
        ['native', '1.05', false],
        ['native', '1.05', false],
        ['native', '1.10', false],
        ['prebuilt', '0.17', true],
        ['native', '0.95', false],
        ['prebuilt', '0.17', true],
        ['native', '0.95', true],
      ],
    );
  });

  it('against an engine that was not measured are neither', () => {
    const missing = judgeTargets(ours, [ours, prebuilt]).filter(({ target }) => target.against === 'native');
    assert.ok(missing.length > 0);
    for (const { achieved, met } of missing) assert.deepEqual([achieved, met], [undefined, undefined]);
  });
});

describe('the report', () => {
  it('says which targets were met and gives a column to each engine', () => {
    const text = renderReport(report([ours, prebuilt, native]));
    assert.match(
      text,
      /\| speed of prefill, 512 tokens, ÷ prebuilt \| ≥ 5 \| 6\.00 \(6\.00\.\.6\.00\) \| yes \|/,
    );
    assert.match(text, /\| time to load, ÷ native \| ≤ 0\.7 \| 0\.95 \(0\.95\.\.0\.95\) \| no \|/);
    assert.match(text, /\|\s+\| ours, fast \| llama\.cpp, prebuilt \| llama\.cpp, native \|/);
    assert.match(text, /\| load \| 2\.00 \(1\.00\.\.3\.00\) s \| 12\.00 \(6\.00\.\.18\.00\) s \|/);
    assert.match(text, /\|\s+\| fast ÷ prebuilt \| fast ÷ native \|/);
  });

  it('gives the server’s own clock and llama-bench beside its column', () => {
    const text = renderReport(report([ours, prebuilt, native]));
    assert.match(text, /By its own clock, without HTTP, llama\.cpp, native took 0\.53 s for 512 tokens/);
    assert.match(text, /`llama-bench` of the same build: 0\.51 s for 512 tokens \(1000 tokens\/s\), 8\.0 ms/);
  });

  it('says why there is no native llama.cpp, and leaves targets to the model they are for', () => {
    const text = renderReport(report([ours, prebuilt], { nativeMissing: 'Building needs CMake.' }));
    assert.match(text, /- llama\.cpp, native: not measured\. Building needs CMake\./);
    assert.match(text, /\| speed of decode, ÷ native \| ≥ 1\.1 \| not measured \|/);
    assert.doesNotMatch(renderReport(report([ours, prebuilt], { hasTargets: false })), /### Targets/);
  });

  it('warns of a run that began on a busy machine', () => {
    const busy = renderReport(report([ours, prebuilt], { loadBefore: '4.20 1.00 0.50' }));
    assert.match(busy, /Load averages[^\n]*4\.20 1\.00 0\.50 before[^\n]*\*\*Others were at work\*\*/);
    const idle = renderReport(report([ours, prebuilt], { loadBefore: '0.90 5.00 9.00' }));
    assert.doesNotMatch(idle, /Others were at work/);
  });

  it('has tables whose rows are as long as their heads', () => {
    for (const table of renderReport(report([ours, prebuilt, native])).split('\n\n')) {
      const rows = table.split('\n').filter((line) => line.startsWith('|'));
      const widths = new Set(rows.map((line) => line.split('|').length));
      assert.ok(widths.size <= 1, table);
    }
  });
});
