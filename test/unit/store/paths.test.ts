import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import { convertedDir, modelsDir, storageRoot } from '../../../src/inference/store/paths';

describe('storageRoot', () => {
  const cases: {
    name: string;
    env: Record<string, string>;
    platform: NodeJS.Platform;
    home: string;
    root: string;
  }[] = [
    {
      name: 'Linux without anything set',
      env: {},
      platform: 'linux',
      home: '/home/ada',
      root: '/home/ada/.cache/qwen-coder-local',
    },
    {
      name: 'Linux with XDG_CACHE_HOME',
      env: { XDG_CACHE_HOME: '/scratch/cache' },
      platform: 'linux',
      home: '/home/ada',
      root: '/scratch/cache/qwen-coder-local',
    },
    {
      name: 'Linux with a relative XDG_CACHE_HOME, which the specification says to ignore',
      env: { XDG_CACHE_HOME: 'cache' },
      platform: 'linux',
      home: '/home/ada',
      root: '/home/ada/.cache/qwen-coder-local',
    },
    {
      name: 'macOS, where XDG_CACHE_HOME means nothing',
      env: { XDG_CACHE_HOME: '/scratch/cache' },
      platform: 'darwin',
      home: '/Users/ada',
      root: '/Users/ada/Library/Caches/qwen-coder-local',
    },
    {
      name: 'Windows with LOCALAPPDATA',
      env: { LOCALAPPDATA: 'D:\\Ada\\Local' },
      platform: 'win32',
      home: 'C:\\Users\\ada',
      root: 'D:\\Ada\\Local\\qwen-coder-local',
    },
    {
      name: 'Windows without LOCALAPPDATA',
      env: {},
      platform: 'win32',
      home: 'C:\\Users\\ada',
      root: 'C:\\Users\\ada\\AppData\\Local\\qwen-coder-local',
    },
    {
      name: 'QWEN_CODER_HOME before everything, without a folder of its own below',
      env: { QWEN_CODER_HOME: '/data/qwen/', XDG_CACHE_HOME: '/scratch/cache' },
      platform: 'linux',
      home: '/home/ada',
      root: '/data/qwen/',
    },
    {
      name: 'an empty QWEN_CODER_HOME as if it were not set',
      env: { QWEN_CODER_HOME: '' },
      platform: 'linux',
      home: '/home/ada',
      root: '/home/ada/.cache/qwen-coder-local',
    },
  ];
  for (const { name, env, platform, home, root } of cases) {
    it(name, () => {
      assert.equal(storageRoot({ env, platform, homedir: home }), root);
    });
  }

  it('refuses a relative QWEN_CODER_HOME', () => {
    assert.throws(
      () => storageRoot({ env: { QWEN_CODER_HOME: 'qwen' }, platform: 'linux', homedir: '/home/ada' }),
      (error) => error instanceof EngineError && error.code === 'invalid-request',
    );
  });

  it('keeps weights and converted graphs apart', () => {
    assert.equal(modelsDir('/data/qwen', 'linux'), '/data/qwen/models');
    assert.equal(convertedDir('C:\\qwen', 'win32'), 'C:\\qwen\\converted');
  });
});
