import assert from 'node:assert/strict';
import { PaceKeeper } from '../../../src/completion/pace';

const after = (...times: readonly number[]): string => {
  const keeper = new PaceKeeper();
  for (const ms of times) keeper.took(ms);
  return keeper.pace;
};
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe('PaceKeeper', () => {
  it('reads less, and then writes one line, where suggestions keep coming late', () => {
    assert.equal(after(...times(3, 3000)), 'full');
    assert.equal(after(...times(4, 3000)), 'less-context');
    assert.equal(after(...times(8, 3000)), 'one-line');
    assert.equal(after(...times(40, 3000)), 'one-line');
  });

  it('takes one slow suggestion for an accident', () => {
    assert.equal(after(...times(3, 3000), 500, ...times(3, 3000), 500), 'full');
  });

  it('goes back once they come quickly', () => {
    assert.equal(after(...times(8, 3000), ...times(11, 300)), 'one-line');
    assert.equal(after(...times(8, 3000), ...times(12, 300)), 'less-context');
    assert.equal(after(...times(8, 3000), ...times(24, 300)), 'full');
    assert.equal(after(...times(4, 3000), ...times(50, 1500)), 'less-context', 'neither quick nor slow');
  });

  it('counts what was withdrawn too late to be of use, and nothing of what was withdrawn early', () => {
    const keeper = new PaceKeeper();
    for (const ms of times(20, 1400)) keeper.withdrawn(ms, false);
    for (const ms of times(20, 2000)) keeper.withdrawn(ms, true);
    assert.equal(keeper.pace, 'full');
    for (const ms of times(3, 1600)) keeper.withdrawn(ms, false);
    keeper.withdrawn(100, false);
    assert.equal(keeper.pace, 'full');
    keeper.withdrawn(2600, true);
    assert.equal(keeper.pace, 'less-context');
  });
});
