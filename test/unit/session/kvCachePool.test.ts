import assert from 'node:assert/strict';
import { kvBytesPerToken, type KvCache } from '../../../src/inference/session/kvCache';
import { KvCachePool } from '../../../src/inference/session/kvCachePool';

const shape = { layers: 1, kvHeads: 1, headDim: 2, ropeTheta: 100, maxTokens: 4000 };
const TOKEN = kvBytesPerToken(shape);

const ids = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => seed * 10_000 + i);

/** Does what a session does: takes the cache and evaluates what it does not hold. @returns tokens found */
function evaluate(pool: KvCachePool, prompt: readonly number[]): { cache: KvCache; found: number } {
  const cache = pool.take(prompt, prompt.length);
  const found = cache.length;
  const rest = prompt.slice(found);
  const rows = new Float32Array(rest.length * shape.headDim);
  cache.append(rest, () => ({ keys: rows, values: rows }));
  assert.deepEqual(cache.tokens, prompt);
  return { cache, found };
}

describe('KvCachePool', () => {
  it('finds each of several prompts again', () => {
    const pool = new KvCachePool(shape, 4000 * TOKEN);
    const [chat, file, other] = [ids(900, 1), ids(700, 2), ids(500, 3)];
    for (const prompt of [chat, file, other]) assert.equal(evaluate(pool, prompt).found, 0);
    assert.equal(evaluate(pool, [...chat, 7]).found, 900);
    assert.equal(evaluate(pool, [...file, 8]).found, 700);
    assert.equal(evaluate(pool, [...other, 9]).found, 500);
  });

  it('uses one cache for a prompt that is typed along', () => {
    const pool = new KvCachePool(shape, 4000 * TOKEN);
    const before = ids(600, 1);
    const after = ids(200, 2);
    for (let typed = 0; typed < 20; typed++) {
      const prompt = [...before, ...ids(typed, 3), ...after];
      const { found } = evaluate(pool, prompt);
      if (typed > 0) assert.equal(found, 600 + typed - 1);
    }
    assert.equal(pool.caches.length, 1);
  });

  it('keeps a long rest that another prompt does not share', () => {
    const pool = new KvCachePool(shape, 4000 * TOKEN);
    const long = ids(1500, 1);
    evaluate(pool, long);
    const { found } = evaluate(pool, [...long.slice(0, 300), ...ids(50, 2)]);
    assert.equal(found, 300);
    assert.equal(evaluate(pool, [...long, 5]).found, 1500);
  });

  it('finds again what was moved into a cache only for those who accept that', () => {
    const pool = new KvCachePool(shape, 4000 * TOKEN);
    const { cache } = evaluate(pool, ids(100, 1));
    const moved = cache.snapshot(60, 100);
    cache.truncate(50);
    cache.appendSnapshot(moved);
    const prompt = [...cache.tokens];
    assert.equal(pool.take(prompt, 100, false).length, 90);
    assert.equal(pool.take(prompt, 100).length, 50);
  });

  it('stays within its budget, giving up what was used longest ago, but serves any prompt', () => {
    const budget = 1300 * TOKEN;
    const pool = new KvCachePool(shape, budget);
    for (let seed = 1; seed <= 6; seed++) {
      evaluate(pool, ids(500, seed));
      assert.ok(pool.byteLength <= budget);
    }
    assert.equal(evaluate(pool, ids(500, 5)).found, 500);
    assert.equal(evaluate(pool, ids(500, 1)).found, 0);
    const { cache } = evaluate(pool, ids(3000, 9));
    assert.equal(cache.length, 3000);
    assert.deepEqual(pool.caches, [cache]);
  });
});
