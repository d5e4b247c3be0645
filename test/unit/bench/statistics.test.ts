import assert from 'node:assert/strict';
import { pairRatios, percentile, summarize } from '../../bench/statistics';

describe('statistics of the benchmarks', () => {
  it('interpolates between neighbours, whatever the order of the values', () => {
    assert.equal(percentile([40, 10, 30, 20], 50), 25);
    assert.equal(percentile([40, 10, 30, 20], 75), 32.5);
    assert.equal(percentile([7], 99), 7);
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    assert.deepEqual(summarize(values), { median: 2, min: 1, max: 3, count: 3 });
    assert.deepEqual(values, [3, 1, 2]);
  });

  it('refuses to summarize nothing', () => {
    assert.throws(() => summarize([]), RangeError);
  });

  it('divides pair by pair', () => {
    assert.deepEqual(pairRatios([2, 9], [4, 3]), [0.5, 3]);
    assert.throws(() => pairRatios([1], [1, 2]), RangeError);
  });
});
