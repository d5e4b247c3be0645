import assert from 'node:assert/strict';
import type { BenchReport } from '../../bench/benchReport';
import type { EngineKind, EngineNumbers } from '../../bench/compareEngines';
import { readProfile } from '../../bench/operators/operatorBench';
import { keystrokeChart, operatorChart, ratioChart } from '../../bench/plots/charts';
import { renderReport } from '../../bench/report';
import type { DraftedText } from '../../bench/drafts/measureDrafts';
import { mainNumbers } from '../../bench/mainNumbers';
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
    ...(kind !== 'prebuilt' && {
      requests: {
        sequences: 2,
        firstMs: [100, 200, 300].map((ms) => ms * factor),
        wholeMs: [500 * factor],
        evaluated: 60,
      },
      chat: { sequences: 1, firstMs: [400 * factor], wholeMs: [900 * factor], evaluated: 70 },
    }),
    ...{ memoryLoaded: memory, memoryWorked: memory },
  };
}

/** A text whose tokens took 10 ms each without drafts. */
const draftedText = (msWithDrafts: number, gap?: number): DraftedText => ({
  name: 'text',
  without: { tokens: 10, ms: 100, drafted: 0, accepted: 0 },
  with: { tokens: 10, ms: 10 * msWithDrafts, drafted: 9, accepted: 6 },
  ...(gap !== undefined && { parting: { at: 3, gap } }),
});

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
      ...{ keystrokes: 1, minutes: 1, loadBefore: '0', loadAfter: '0', targetsOf: '0.5b' },
      ...run,
    },
    engines,
    llamaBench: { prefillMs: [512], decodeMs: [8] },
    conversions: [{ variant: 'fast', convertMs: 9000, restMs: 2000, peakBytes: 1e9 }],
    drafts: {
      edits: [draftedText(4)],
      fresh: [draftedText(8, 0.06), draftedText(9), draftedText(11)],
      prose: [draftedText(20)],
    },
    floors: {
      prefill: [{ tokens: 512, productsMs: 300, ms: 500 }],
      decode: { readingMs: 5, ms: 10 },
    },
    operators: {
      prefill: ['A', 'B'].map((operator) => ({ operator, ms: 50 })),
      decode: 'ABCDEFGHIJ'.split('').map((operator) => ({ operator, ms: 1 })),
    },
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
    const results = judgeTargets(report([ours, prebuilt, native]));
    assert.deepEqual(
      results.map(({ target, achieved, met }) => [target.against, achieved?.median.toFixed(2), met]),
      [
        ['prebuilt', '6.00', true],
        ['native', '1.05', false],
        ['native', '1.05', false],
        ['native', '1.05', false],
        ['native', '1.05', false],
        ['native', '2.63', true],
        [undefined, '1.11', false],
        [undefined, '0.50', false],
        ['native', '1.05', false],
        ['native', '1.10', false],
        [undefined, '1.00', true],
        [undefined, '1.00', true],
        ['prebuilt', '0.17', true],
        ['native', '0.95', false],
        ['prebuilt', '0.17', true],
        ['native', '0.95', true],
      ],
    );
  });

  it('against an engine that was not measured are neither', () => {
    const missing = judgeTargets(report([ours, prebuilt])).filter(
      ({ target }) => target.against === 'native',
    );
    assert.ok(missing.length > 0);
    for (const { achieved, met } of missing) assert.deepEqual([achieved, met], [undefined, undefined]);
  });
});

describe('readProfile', () => {
  it('adds up the operators of the prefill behind the first run, and of the tokens one by one', () => {
    const event = (name: string, ts: number, dur: number, operator?: string) => ({
      ...{ cat: operator === undefined ? 'Session' : 'Node', name, ts, dur },
      ...(operator !== undefined && { args: { op_name: operator } }),
    });
    const run = (ts: number) => event('model_run', ts, 9_000);
    const { prefill, decode } = readProfile([
      ...[run(0), event('a_kernel_time', 0, 5_000, 'Warm')],
      ...[
        run(10_000),
        event('a_kernel_time', 10_000, 2_000, 'A'),
        event('b_kernel_time', 12_000, 4_000, 'B'),
      ],
      ...[event('c_kernel_time', 16_000, 1_000, 'A'), event('c_fence', 17_000, 1_000, 'A')],
      ...[run(20_000), event('a_kernel_time', 20_000, 3_000, 'A')],
      ...[run(30_000), event('a_kernel_time', 30_000, 1_000, 'A')],
    ]);
    assert.deepEqual(prefill, [
      { operator: 'B', ms: 4 },
      { operator: 'A', ms: 3 },
    ]);
    assert.deepEqual(decode, [{ operator: 'A', ms: 2 }]);
  });
});

describe('the charts', () => {
  it('show what is beside the native llama.cpp, above 1 where ours is better', () => {
    const spec = JSON.stringify(ratioChart(report([ours, prebuilt, native])));
    assert.ok(spec.includes('{"what":"prefill, 512 tokens","ratio":1.05,"labelAt":1.05}'), spec);
    assert.ok(
      spec.includes('{"what":"memory, resident after the prefills","ratio":1.05,"labelAt":1.05}'),
      spec,
    );
    assert.equal(ratioChart(report([ours, prebuilt])), undefined);
  });

  it('show shares of operators, and every keystroke', () => {
    assert.ok(JSON.stringify(operatorChart(report([ours]))).includes('"operator":"A","share":0.5'));
    const keystrokes = JSON.stringify(keystrokeChart(report([ours, native])));
    assert.equal(keystrokes.match(/"decade"/g)?.length, 4);
  });
});

describe('the report', () => {
  it('says which targets were met and gives a column to each engine', () => {
    const text = renderReport(report([ours, prebuilt, native]));
    assert.match(
      text,
      /\| speed of prefill, 512 tokens, ÷ prebuilt \| ≥ 5 \| 6\.00 \(6\.00\.\.6\.00\) \| yes \|/,
    );
    assert.match(text, /\| time to load, ÷ native \| ≤ 0\.6 \| 0\.95 \(0\.95\.\.0\.95\) \| no \|/);
    assert.match(text, /\|\s+\| ours, fast \| llama\.cpp, prebuilt \| llama\.cpp, native \|/);
    assert.match(text, /\| load \| 2\.00 \(1\.00\.\.3\.00\) s \| 12\.00 \(6\.00\.\.18\.00\) s \|/);
    assert.match(text, /\|\s+\| fast ÷ prebuilt \| fast ÷ native \|/);
  });

  it('shows the requests of the editor as ours and the native llama.cpp answered them', () => {
    const tables = renderReport(report([ours, prebuilt, native]));
    assert.match(tables, /\| +\| ours, fast \| llama\.cpp, native \| times as fast \|/);
    assert.match(tables, /\| first token, median \| 200 ms \| 210 ms \| 1\.05 \|/);
    assert.match(tables, /\| prompt tokens evaluated, each request \| 20 \| 20 \|/);
    assert.match(tables, /### Conversations with chat\n\n(?:\|.*\n)+\n1 questions in 1 conversations/);
    assert.doesNotMatch(renderReport(report([ours, prebuilt])), /times as fast \|\n.*\n\| first token/);
  });

  it('says what drafts are worth, and where texts part with them', () => {
    const text = renderReport(report([ours, prebuilt, native]));
    assert.match(text, /\| edits that people have made \| 1 \| 10\.0 ms \| 4\.0 ms \| 2\.50 \| 60\.0 % \|/);
    assert.match(text, /\n3 of 4 answers were the same .* differ by 0\.06 at most/);
  });

  it('says how near it comes to the bare work', () => {
    const text = renderReport(report([ours]));
    assert.match(text, /its int8 products alone \| 300\.0 ms \| 500\.0 ms \| 60\.0 % \|/);
    assert.match(text, /reading the matrices once \| 5\.0 ms \| 10\.0 ms \| 50\.0 % \|/);
  });

  it('names the longest operators', () => {
    const text = renderReport(report([ours]));
    assert.match(text, /\| prefill of 512 tokens \| ms \| share \|[^A]*\| A \| 50\.0 \| 50\.0 % \|/);
    assert.match(text, /\| H \| 1\.0 \| 10\.0 % \|\n\| all others \| 2\.0 \| 20\.0 % \|/);
  });

  it('gives the main numbers beside those of llama.cpp, above 1 where ours is better', () => {
    const { prefill512, draftedDecode, memory } = mainNumbers(report([ours, prebuilt, native]));
    assert.deepEqual(prefill512, {
      ...{ ours: 512, llamaCppPrebuilt: 3072, llamaCppNative: 537.6, ratioToNative: 1.05 },
    });
    assert.deepEqual(draftedDecode, {
      ...{ ours: 4, llamaCppPrebuilt: 60, llamaCppNative: 10.5, ratioToNative: 2.625 },
    });
    assert.deepEqual(memory, {
      ...{ ours: 1e9, llamaCppPrebuilt: 6e9, llamaCppNative: 1.05e9, ratioToNative: 1.05 },
    });
    assert.deepEqual(mainNumbers(report([ours])).load, { ours: 2000 });
  });

  it('gives the server’s own clock and llama-bench beside its column', () => {
    const text = renderReport(report([ours, prebuilt, native]));
    assert.match(text, /By its own clock, without HTTP, llama\.cpp, native took 0\.53 s for 512 tokens/);
    assert.match(text, /`llama-bench` of the same build: 0\.51 s for 512 tokens \(1000 tokens\/s\), 8\.0 ms/);
  });

  it('says why there is no native llama.cpp, and leaves targets to the model they are for', () => {
    const text = renderReport(report([ours, prebuilt], { nativeMissing: 'Building needs CMake.' }));
    assert.match(text, /- llama\.cpp, native: not measured\. Building needs CMake\./);
    assert.match(text, /\| speed of decode, nothing drafted, ÷ native \| ≥ 1\.25 \| not measured \|/);
    assert.doesNotMatch(renderReport(report([ours, prebuilt], { targetsOf: 'other' })), /### Targets/);
    const larger = renderReport(report([ours, prebuilt, native], { targetsOf: '1.5b' }));
    assert.match(larger, /\| speed of decode, nothing drafted, ÷ native \| ≥ 1 \|/);
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
