import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KvCache } from '../../../src/inference/session/kvCache';

const shape = { layers: 2, kvHeads: 2, headDim: 4, ropeTheta: 100, maxTokens: 2000 };

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
      const expected = [0, 1, 2, 3].map((dimension) => sign * (base + dimension));
      assert.deepEqual([...cache.keys(layer).subarray(at, at + shape.headDim)], expected);
      assert.deepEqual(
        [...cache.values(layer).subarray(at, at + shape.headDim)],
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

  it('exchanges two neighbouring ranges as they are', () => {
    const cache = new KvCache(shape);
    cache.reserve(9);
    cache.append([0, 1], rows(0, 2, 1));
    cache.append([5, 6, 7], rows(5, 3, 1));
    cache.append([2, 3, 4], rows(2, 3, 1));
    cache.append([8], rows(8, 1, 1));
    cache.exchange(2, 5, 8, true);
    assert.deepEqual(cache.tokens, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const position of cache.tokens) expectRow(cache, position, 1);
    assert.equal(cache.exactLength, 5);
    cache.exchange(1, 3, 5, false);
    assert.equal(cache.exactLength, 1);
    assert.throws(() => cache.exchange(5, 4, 6, true), RangeError);
    assert.throws(() => cache.exchange(5, 6, 10, true), RangeError);
  });

  it('puts a snapshot where others are still to come before it', () => {
    const cache = new KvCache(shape);
    cache.reserve(3);
    cache.append([0, 1, 2], rows(0, 3, 1));
    const late = cache.snapshot(1, 3);
    cache.truncate(1);
    cache.appendSnapshot(late, 0, 1);
    const here = [...cache.keys(0)];
    cache.truncate(1);
    cache.appendSnapshot(late, 0, 9);
    assert.notDeepEqual([...cache.keys(0)], here);
    assert.deepEqual(cache.tokens, [0, 1, 2]);
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

  it('keeps its capacity close to what is needed', () => {
    const cache = new KvCache(shape);
    cache.fit(1000);
    assert.ok(cache.capacity >= 1000 && cache.capacity < 1100);
    cache.append([1, 2], rows(0, 2, 1));
    cache.fit(900);
    assert.ok(cache.capacity >= 1000, 'a little slack stays');
    cache.fit(100);
    assert.ok(cache.capacity >= 100 && cache.capacity < 200);
    expectRow(cache, 1, 1);
  });
});

/** The key that rotary embedding makes of x at a position, by the definition. */
function rotated(x: readonly number[], position: number): number[] {
  const half = x.length / 2;
  return x.map((value, i) => {
    const pair = i % half;
    const angle = position * shape.ropeTheta ** ((-2 * pair) / x.length);
    const partner = x[(i + half) % x.length] as number;
    return i < half
      ? value * Math.cos(angle) - partner * Math.sin(angle)
      : value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

describe('KvCache, ranges', () => {
  const unrotated = (token: number, layer: number, head: number): number[] =>
    [1, 2, 3, 4].map((d) => Math.sin(token * 7 + layer * 3 + head * 5 + d));
  const value = (token: number, layer: number, head: number): number[] =>
    [1, 2, 3, 4].map((d) => token * 100 + layer * 30 + head * 10 + d);

  /** Rows as a model would compute them for tokens at positions from `start` on. */
  const computed = (ids: readonly number[], start: number) => (layer: number) => {
    const of = (make: (token: number, head: number, index: number) => number[]): Float32Array =>
      Float32Array.from([0, 1].flatMap((head) => ids.flatMap((id, index) => make(id, head, index))));
    return {
      keys: of((id, head, index) => rotated(unrotated(id, layer, head), start + index)),
      values: of((id, head) => value(id, layer, head)),
    };
  };

  function holding(ids: readonly number[]): KvCache {
    const cache = new KvCache(shape);
    cache.reserve(ids.length);
    cache.append(ids, computed(ids, 0));
    return cache;
  }

  /** The cache is, up to rounding, what evaluating its tokens at their positions gives. */
  function expectAsComputed(cache: KvCache, tokens: readonly number[]): void {
    assert.deepEqual(cache.tokens, tokens);
    for (let layer = 0; layer < shape.layers; layer++) {
      const expected = computed(tokens, 0)(layer);
      for (const [index, kind] of (['keys', 'values'] as const).entries()) {
        const held = cache.snapshot(0, tokens.length)[kind][layer] as Float32Array;
        held.forEach((x, at) => {
          const wanted = expected[kind][at] as number;
          assert.ok(Math.abs(x - wanted) < 1e-4, `${index} ${layer} ${at}: ${x}, not ${wanted}`);
        });
      }
    }
  }

  it('splices out, in and instead, for any ranges', () => {
    const ids = fc.array(fc.nat(50), { maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, fc.nat(12), fc.nat(12), fc.boolean(), (held, other, a, b, replace) => {
        const from = Math.min(a, b, held.length);
        const to = Math.min(Math.max(a, b), held.length);
        const cache = holding(held);
        const replacement = holding(other).snapshot(0, other.length);
        cache.splice(from, to, replace ? replacement : undefined);
        expectAsComputed(cache, [...held.slice(0, from), ...(replace ? other : []), ...held.slice(to)]);
      }),
    );
  });

  it('shifts a range to a later and to an earlier place', () => {
    const cache = holding([1, 2, 3, 4, 5, 6]);
    const range = cache.snapshot(3, 6);
    cache.truncate(1);
    cache.appendSnapshot(range);
    expectAsComputed(cache, [1, 4, 5, 6]);
    const later = holding([7, 8, 9, 7, 8, 9, 7, 8]);
    later.appendSnapshot(range);
    expectAsComputed(later, [7, 8, 9, 7, 8, 9, 7, 8, 4, 5, 6]);
  });

  it('appends the end of a snapshot alone', () => {
    const cache = holding([1, 2]);
    cache.appendSnapshot(holding([5, 6, 7, 8]).snapshot(1, 4), 1);
    expectAsComputed(cache, [1, 2, 7, 8]);
    assert.throws(() => cache.appendSnapshot(holding([5]).snapshot(0, 1), 2), RangeError);
  });

  it('knows how much is as a straight run has it', () => {
    const cache = holding([1, 2, 3, 4]);
    assert.equal(cache.exactLength, 4);
    const copy = new KvCache(shape);
    copy.appendSnapshot(cache.snapshot(0, 3));
    assert.equal(copy.exactLength, 3);
    const moved = cache.snapshot(2, 4);
    cache.truncate(1);
    cache.reserve(4);
    cache.appendSnapshot(moved);
    cache.append([9], computed([9], 3));
    assert.deepEqual([cache.length, cache.exactLength], [4, 1]);
    const copyOfMoved = new KvCache(shape);
    copyOfMoved.appendSnapshot(cache.snapshot(0, 3));
    assert.equal(copyOfMoved.exactLength, 1);
    cache.truncate(1);
    cache.append([2], computed([2], 1));
    assert.equal(cache.exactLength, 2);
  });

  it('keeps a snapshot apart from what happens later', () => {
    const cache = holding([1, 2, 3, 4]);
    const snapshot = cache.snapshot(0, 4);
    cache.truncate(1);
    cache.append([40, 41], computed([40, 41], 1));
    const other = new KvCache(shape);
    other.appendSnapshot(snapshot);
    expectAsComputed(other, [1, 2, 3, 4]);
  });

  it('refuses ranges outside, and is then as before', () => {
    const cache = holding([1, 2, 3]);
    assert.throws(() => cache.snapshot(2, 4), RangeError);
    assert.throws(() => cache.splice(2, 1), RangeError);
    assert.throws(() => cache.splice(-1, 1), RangeError);
    const long = new KvCache({ ...shape, maxTokens: 4 });
    long.append([1, 2, 3], computed([1, 2, 3], 0));
    assert.throws(() => long.splice(0, 0, cache.snapshot(0, 3)), RangeError);
    expectAsComputed(cache, [1, 2, 3]);
    expectAsComputed(long, [1, 2, 3]);
  });
});
