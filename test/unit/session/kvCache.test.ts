import assert from 'node:assert/strict';
import { KvCache } from '../../../src/inference/session/kvCache';

const shape = { layers: 2, kvHeads: 2, headDim: 3, maxTokens: 2000 };

/** Rows whose every number tells its layer, head, position and dimension. */
const rows = (start: number, count: number, sign: number) => (layer: number) => {
  const make = (offset: number) =>
    Float32Array.from({ length: shape.kvHeads * count * shape.headDim }, (_, index) => {
      const dimension = index % shape.headDim;
      const position = start + (Math.floor(index / shape.headDim) % count);
      const head = Math.floor(index / (shape.headDim * count));
      return sign * (offset + layer * 100_000 + head * 50_000 + position * 10 + dimension);
    });
  return { keys: make(0), values: make(0.5) };
};

function expectRow(cache: KvCache, position: number, sign: number): void {
  for (let layer = 0; layer < shape.layers; layer++) {
    for (let head = 0; head < shape.kvHeads; head++) {
      const at = (head * cache.capacity + position) * shape.headDim;
      const base = layer * 100_000 + head * 50_000 + position * 10;
      const expected = [0, 1, 2].map((dimension) => sign * (base + dimension));
      assert.deepEqual([...cache.keys(layer).subarray(at, at + 3)], expected);
      assert.deepEqual(
        [...cache.values(layer).subarray(at, at + 3)],
        expected.map((x) => x + sign * 0.5),
      );
    }
  }
}

describe('KvCache', () => {
  it('keeps every row in place when it grows', () => {
    const cache = new KvCache(shape);
    cache.reserve(500);
    cache.append(
      Array.from({ length: 500 }, (_, i) => i),
      rows(0, 500, 1),
    );
    const before = cache.capacity;
    assert.equal(cache.reserve(1200), true);
    assert.ok(cache.capacity >= 1200 && cache.capacity > before);
    for (const position of [0, 1, 255, 499]) expectRow(cache, position, 1);
  });

  it('overwrites what was truncated and keeps what was not', () => {
    const cache = new KvCache(shape);
    cache.reserve(4);
    cache.append([1, 2, 3, 4], rows(0, 4, 1));
    cache.truncate(2);
    assert.equal(cache.length, 2);
    cache.append([9], rows(2, 1, -1));
    assert.deepEqual(cache.tokens, [1, 2, 9]);
    expectRow(cache, 1, 1);
    expectRow(cache, 2, -1);
  });

  it('finds the common prefix', () => {
    const cache = new KvCache(shape);
    cache.reserve(3);
    cache.append([5, 6, 7], rows(0, 3, 1));
    assert.equal(cache.commonPrefix([5, 6, 7, 8]), 3);
    assert.equal(cache.commonPrefix([5, 6]), 2);
    assert.equal(cache.commonPrefix([5, 9, 7]), 1);
    assert.equal(cache.commonPrefix([]), 0);
  });

  it('refuses what cannot be', () => {
    const cache = new KvCache(shape);
    assert.throws(() => cache.reserve(2001), RangeError);
    assert.throws(() => cache.truncate(1), RangeError);
    assert.throws(
      () =>
        cache.append(
          Array.from({ length: cache.capacity + 1 }, () => 0),
          rows(0, 1, 1),
        ),
      RangeError,
    );
  });
});
