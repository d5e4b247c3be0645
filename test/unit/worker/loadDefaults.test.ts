import assert from 'node:assert/strict';
import { automaticThreads } from '../../../src/inference/worker/loadDefaults';

describe('automaticThreads', () => {
  const cases: [logical: number, arch: NodeJS.Architecture, threads: number][] = [
    [1, 'x64', 1],
    [2, 'x64', 2],
    [4, 'x64', 2],
    [8, 'x64', 3],
    [16, 'x64', 7],
    [64, 'x64', 8],
    [2, 'arm64', 2],
    [4, 'arm64', 3],
    [8, 'arm64', 7],
    [10, 'arm64', 8],
  ];
  for (const [logical, arch, threads] of cases) {
    it(`takes ${threads} on ${logical} logical processors of ${arch}`, () => {
      assert.equal(automaticThreads(logical, arch), threads);
    });
  }
});
