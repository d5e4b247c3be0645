import assert from 'node:assert/strict';
import { engineReport, type EngineFacts } from '../../../src/extension/engineReport';
import { codeSpan, escapeMarkdown, table } from '../../../src/extension/markdown';
import { bytes, duration, percent, perSecond } from '../../../src/extension/units';
import type { LoadedModel } from '../../../src/inference/engine';

const UNMEASURED: LoadedModel = {
  name: 'Qwen2.5-Coder 0.5B',
  architecture: 'qwen2',
  variant: 'fast',
  contextTokens: 2048,
  threads: 3,
  loadMs: 712,
  convertMs: 0,
};
const MODEL: LoadedModel = {
  ...UNMEASURED,
  choice: {
    reason: 'the fastest one that passed its check',
    measured: [
      { variant: 'exact', prefillTokensPerSecond: 240, decodeTokensPerSecond: 24.66, accepted: true },
      {
        variant: 'fast',
        prefillTokensPerSecond: 679.4,
        decodeTokensPerSecond: 36,
        klToExact: 0.00213,
        accepted: true,
      },
      {
        variant: 'fast7',
        prefillTokensPerSecond: 680,
        decodeTokensPerSecond: 36,
        klToExact: 0.3,
        accepted: false,
        note: 'KL above 0.01',
      },
    ],
  },
};
const READY: EngineFacts = {
  status: { state: 'ready', model: MODEL },
  model: MODEL,
  settings: { variant: 'auto', threads: 0, idleMinutes: 10 },
  logicalProcessors: 8,
  idleMs: 60_000,
  memory: { processBytes: 1.1e9, availableBytes: 6e9, totalBytes: 16e9 },
  others: [],
  requests: {
    recent: [
      {
        ...{
          promptTokens: 300,
          cachedTokens: 0,
          queueMs: 0,
          prefillMs: 500,
          generatedTokens: 1,
          decodeMs: 0,
        },
        ...{ acceptedTokens: 0, background: true, early: false },
      },
      {
        ...{ promptTokens: 310, cachedTokens: 290, queueMs: 0, prefillMs: 40, generatedTokens: 11 },
        ...{ decodeMs: 250, acceptedTokens: 3, background: false, early: false },
      },
    ],
    speed: { prefill: 600, decode: 40 },
    cachedPart: 0.475,
    draftedPart: 0.25,
  },
  files: [['weights', '/m/a|b.gguf']],
  versions: { extension: '1.2.3', editor: 'VS Code 1.90.0' },
};
/** Lines of the report with this beginning, blanks of tables folded. */
const lines = (facts: Partial<EngineFacts>, start: string): string[] =>
  engineReport({ ...READY, ...facts })
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '))
    .filter((line) => line.startsWith(start));

describe('engineReport', () => {
  it('says what is loaded, how and why', () => {
    const report = engineReport(READY);
    assert.match(
      report,
      /^# Qwen Coder: engine status\n\n\*\*Ready\.\*\*\n\nIt gives its memory back in 9 min /,
    );
    assert.deepEqual(lines({}, '- ').slice(0, 6), [
      '- name: Qwen2.5-Coder 0.5B (qwen2)',
      '- variant: fast, chosen automatically: the fastest one that passed its check',
      '- threads: 3, chosen automatically so that the editor stays responsive (the machine has 8 logical processors)',
      '- context: 2048 tokens for prompt and answer together',
      '- loaded in: 712 ms',
      '- converted in: nothing to convert at this start',
    ]);
    assert.deepEqual(
      lines(
        {
          model: { ...UNMEASURED, convertMs: 31_200 },
          settings: { variant: 'fast', threads: 3, idleMinutes: 0 },
        },
        '- ',
      )
        .slice(1, 6)
        .filter((_line, index) => index !== 2 && index !== 3),
      [
        '- variant: fast, as the setting says',
        '- threads: 3, as the setting says (the machine has 8 logical processors)',
        '- converted in: 31 s',
      ],
    );
  });

  it('shows what the variants were measured at', () => {
    assert.deepEqual(lines({}, '| exact'), ['| exact | 240 | 24.7 | | possible | |']);
    assert.deepEqual(lines({}, '| fast |'), ['| fast | 679 | 36.0 | 0.0021 | used | |']);
    assert.deepEqual(lines({}, '| fast7'), [
      '| fast7 | 680 | 36.0 | 0.30 | failed its check | KL above 0.01 |',
    ]);
  });

  it('shows what recent requests have cost, the newest first', () => {
    const summary =
      'Reads 600 tokens/s, writes 40.0 tokens/s, 47 % of the prompts came from the cache, ' +
      '25 % of what was written had been guessed. The newest first:';
    assert.deepEqual(lines({}, 'Reads'), [summary]);
    assert.deepEqual(lines({}, '| c').slice(-2), [
      '| completion | 310 | 290 | 40 ms | 500 | 11 | 3 | 250 ms | 40.0 |',
      '| chat or command | 300 | 0 | 500 ms | 600 | 1 | 0 | | |',
    ]);
    const none = { recent: [], speed: {}, cachedPart: undefined, draftedPart: undefined };
    assert.match(engineReport({ ...READY, requests: none }), /## Recent requests\n\nNone yet\./);
  });

  it('says when and why the memory was given back, and what was loaded', () => {
    const asleep = engineReport({ ...READY, status: { state: 'asleep', reason: 'other-window' } });
    assert.match(
      asleep,
      /\*\*Asleep, wakes with the next suggestion\.\*\*\n\nAnother window needed the memory\./,
    );
    assert.match(asleep, /- name: Qwen2\.5-Coder 0\.5B \(qwen2\), not loaded now/);
    const kept = engineReport({ ...READY, settings: { ...READY.settings, idleMinutes: 0 } });
    assert.match(kept, /It stays loaded/);
  });

  it('says what failed, and what there is before the first load', () => {
    const error = { code: 'io', message: 'EIO: <b>broken</b>' } as const;
    const failed = engineReport({ ...READY, status: { state: 'failed', error }, model: undefined });
    assert.match(failed, /\*\*Not working\.\*\*\n\nEIO: \\<b\\>broken\\<\/b\\>/);
    assert.match(failed, /No model has been loaded in this window yet/);
  });

  it('shows memory, other windows and files', () => {
    const other = { id: 'x', pid: 7, model: 'M', bytes: 9e8, lastUsed: 1, busy: false };
    const memory = { ...READY.memory, availableBytes: undefined };
    const report = engineReport({ ...READY, others: [other], memory });
    assert.match(report, /- this window’s extension host: 1\.1 GB, engine/);
    assert.match(report, /- available on the machine: not known of 16\.0 GB/);
    assert.match(report, /- another window \(process 7\): M, about 900 MB, idle/);
    assert.match(report, /- weights: `\/m\/a\|b\.gguf`/);
    assert.match(report, /Qwen Coder Local 1\.2\.3, editor VS Code 1\.90\.0\n$/);
  });
});

describe('Markdown', () => {
  it('keeps text from becoming anything else', () => {
    assert.equal(
      escapeMarkdown('![x](http://a) <i> *b* `c`\n# d | e'),
      '\\!\\[x\\](http://a) \\<i\\> \\*b\\* \\`c\\` \\# d \\| e',
    );
    assert.equal(codeSpan('a`b``c'), '``` a`b``c ```');
    assert.equal(codeSpan('/a b'), '`/a b`');
  });

  it('lines tables up', () => {
    assert.equal(
      table(['name', ''], [['a|b', 'second'], ['x']]),
      '| name |        |\n| ---- | ------ |\n| a\\|b | second |\n| x    |        |',
    );
  });
});

describe('units', () => {
  it('are read at a glance', () => {
    assert.deepEqual([700, 491_400_064, 999_600_000, 1.117e9].map(bytes), [
      '1 kB',
      '491 MB',
      '1.0 GB',
      '1.1 GB',
    ]);
    assert.deepEqual([0.4, 712, 999.6, 9_940, 9_960, 59_600, 600_000, 3_725_000].map(duration), [
      '0 ms',
      '712 ms',
      '1.0 s',
      '9.9 s',
      '10 s',
      '1 min',
      '10 min',
      '1 h 2 min',
    ]);
    assert.deepEqual([27.54, 99.6, 679.4, Infinity].map(perSecond), ['27.5', '100', '679', '']);
    assert.deepEqual([-1, 0.999, 2].map(percent), ['0 %', '99 %', '100 %']);
  });
});
