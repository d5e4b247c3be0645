import assert from 'node:assert/strict';
import {
  actionRow,
  deletionQuestion,
  licenceQuestion,
  modelActions,
  modelRow,
  type ModelFacts,
} from '../../../src/extension/modelsView';
import { CATALOGUE, DEFAULT_MODEL, findModel } from '../../../src/inference/store/catalogue';

const MACHINE = { variant: 'exact', totalMemoryBytes: 16e9 } as const;
const INSTALLED: ModelFacts = {
  entry: {
    model: DEFAULT_MODEL,
    state: 'installed',
    path: '/m/a.gguf',
    downloadedBytes: DEFAULT_MODEL.bytes,
    bytesOnDisk: 1.2e9,
  },
  forCompletion: true,
  forChat: true,
  downloadFraction: undefined,
  speed: undefined,
};
const withState = (state: 'partial' | 'available', downloadedBytes = 0): ModelFacts => ({
  ...INSTALLED,
  entry: { ...INSTALLED.entry, state, downloadedBytes },
  forCompletion: false,
  forChat: false,
});
const researchModel = findModel(CATALOGUE, '3b');

describe('modelRow', () => {
  it('shows what is installed, what for, what it needs, its licence and its speed', () => {
    const row = modelRow({ ...INSTALLED, speed: { prefill: 640.2, decode: 34.04 } }, MACHINE);
    assert.equal(row.label, '$(check) Qwen2.5-Coder 0.5B');
    assert.equal(row.description, 'installed, chosen for suggestions and chat');
    assert.match(
      row.detail,
      /^Apache-2\.0 · 491 MB download, 1\.\d GB on disk · (?:\d+ MB|1\.\d GB) memory · reads 640, writes 34\.0 tokens\/s$/,
    );
  });

  it('says nothing of a speed that has not been measured', () => {
    assert.doesNotMatch(modelRow(INSTALLED, MACHINE).detail, /tokens/);
    assert.match(
      modelRow({ ...INSTALLED, speed: { decode: 34 } }, MACHINE).detail,
      / · writes 34\.0 tokens\/s$/,
    );
  });

  const cases: { name: string; facts: ModelFacts; label: string; description: string }[] = [
    {
      name: 'available',
      facts: withState('available'),
      label: '$(cloud-download)',
      description: 'available',
    },
    {
      name: 'downloaded in part',
      facts: withState('partial', 120e6),
      label: '$(debug-pause)',
      description: '120 MB of 491 MB downloaded',
    },
    {
      name: 'on its way',
      facts: { ...withState('partial', 120e6), downloadFraction: 0.356 },
      label: '$(loading~spin)',
      description: 'downloading, 35 %',
    },
    {
      name: 'chosen before it is there',
      facts: { ...withState('available'), forChat: true },
      label: '$(cloud-download)',
      description: 'available, chosen for chat',
    },
  ];
  for (const { name, facts, label, description } of cases) {
    it(`shows a model that is ${name}`, () => {
      const row = modelRow(facts, MACHINE);
      assert.deepEqual([row.label, row.description], [`${label} Qwen2.5-Coder 0.5B`, description]);
    });
  }

  it('names the largest need while the variant is open, and warns of more than there is', () => {
    const memoryIn = (variant: 'auto' | 'exact' | 'fast', totalMemoryBytes = 16e9): string =>
      modelRow(INSTALLED, { variant, totalMemoryBytes }).detail;
    // *fast* takes more on disk, *exact* more in memory.
    const [disk, memory] = [/[\d.]+ GB on disk/, /[\d.]+ [GM]B memory/];
    const [exact, fast, auto] = (['exact', 'fast', 'auto'] as const).map((variant) => memoryIn(variant));
    assert.equal(disk.exec(auto ?? '')?.[0], disk.exec(fast ?? '')?.[0]);
    assert.equal(memory.exec(auto ?? '')?.[0], memory.exec(exact ?? '')?.[0]);
    assert.notEqual(fast, exact);
    assert.match(memoryIn('exact', 1e8), / memory, more than there is$/);
    assert.doesNotMatch(memoryIn('exact'), /more than there is/);
  });
});

describe('modelActions', () => {
  it('offers what makes sense now', () => {
    assert.deepEqual(modelActions(INSTALLED), ['verify', 'delete', 'licence']);
    assert.deepEqual(modelActions({ ...INSTALLED, forCompletion: false, forChat: false }).slice(0, 2), [
      'use-for-completion',
      'use-for-chat',
    ]);
    assert.deepEqual(modelActions(withState('available')), ['download', 'download-from-url', 'licence']);
    assert.deepEqual(modelActions(withState('partial', 1)), ['resume', 'delete', 'licence']);
    assert.deepEqual(modelActions({ ...withState('partial'), downloadFraction: 0 }), ['cancel', 'licence']);
  });

  it('says what each will do', () => {
    const facts = withState('partial', 120e6);
    assert.match(actionRow('resume', facts).detail, /^120 MB of 491 MB are there\./);
    assert.match(actionRow('delete', INSTALLED).label, /Delete… \(1\.2 GB\)$/);
    assert.match(actionRow('download', facts).label, /Download \(491 MB\)$/);
    assert.match(actionRow('licence', facts).label, /Licence: Apache-2\.0$/);
    const all = (
      ['use-for-completion', 'use-for-chat', 'download-from-url', 'cancel', 'verify'] as const
    ).map((action) => actionRow(action, facts).label);
    assert.equal(new Set(all).size, all.length);
    for (const label of all) assert.match(label, /^\$\([a-z-]+\) [A-Z]/);
  });
});

describe('the questions', () => {
  it('before a deletion say what goes and what that means', () => {
    const { message, detail } = deletionQuestion(INSTALLED);
    assert.equal(message, 'Delete Qwen2.5-Coder 0.5B?');
    assert.match(detail, /^This frees 1\.2 GB.*no suggestions until/);
    assert.doesNotMatch(deletionQuestion({ ...INSTALLED, forCompletion: false }).detail, /no suggestions/);
  });

  it('before a download are put for licences that want agreement, and show what they say', () => {
    assert.ok(researchModel);
    assert.equal(licenceQuestion(DEFAULT_MODEL), undefined);
    const question = licenceQuestion(researchModel);
    assert.match(
      question?.message ?? '',
      /^Qwen2\.5-Coder 3B is under the Qwen Research License\. Do you agree/,
    );
    assert.match(question?.detail ?? '', /non-commercial[^]*\n\nThe full text: https:\/\//);
  });
});
