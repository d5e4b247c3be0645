import assert from 'node:assert/strict';
import { enginesToCompare, turns } from '../../bench/compareEngines';

const base = { modelPath: 'model.gguf', threads: 2, cacheDir: 'converted' };

describe('engines that are compared', () => {
  it('are ours in each variant with files of its own, then llama.cpp', () => {
    const engines = enginesToCompare(
      { ...base, serverProgram: 'llama-server' },
      ['fast', 'exact'],
      (variant) => `converted/${variant}`,
    );
    assert.deepEqual(
      engines.map(({ name, kind }) => [name, kind]),
      [
        ['ours, fast', 'ours'],
        ['ours, exact', 'ours'],
        ['llama.cpp, prebuilt', 'prebuilt'],
        ['llama.cpp, native', 'native'],
      ],
    );
    assert.deepEqual(
      engines.slice(0, 2).map(({ options }) => [options.variant, options.cacheDir]),
      [
        ['fast', 'converted/fast'],
        ['exact', 'converted/exact'],
      ],
    );
  });

  it('go without a native llama.cpp where there is none', () => {
    const engines = enginesToCompare(base, ['exact'], () => 'converted');
    assert.deepEqual(
      engines.map(({ kind }) => kind),
      ['ours', 'prebuilt'],
    );
  });
});

describe('turns', () => {
  it('let everyone go once a round, and begin with another each round', () => {
    const rounds = [0, 1, 2, 3, 4].map((round) => turns(4, round));
    for (const order of rounds) assert.deepEqual([...order].sort(), [0, 1, 2, 3]);
    assert.deepEqual(
      rounds.map(([first]) => first),
      [0, 1, 2, 3, 0],
    );
  });
});
