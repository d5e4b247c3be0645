import assert from 'node:assert/strict';
import { fimPrompt } from '../../../src/completion/fimPrompt';
import type { GenerateRequest } from '../../../src/inference/engine';
import {
  fimLayout,
  HEAD_TOKENS,
  KeptSuffixes,
  MAX_DRIFT_TOKENS,
  type FimLayout,
} from '../../../src/inference/session/keptSuffixes';
import { KvCache } from '../../../src/inference/session/kvCache';
import { collect } from '../../support/collect';
import { tinyForTests } from '../../support/tinyModel';

const SPECIALS = { suffix: 1001, middle: 1002 };
const ids = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, index) => seed * 100 + (index % 97));

describe('the layout of a prompt', () => {
  it('is that of a hole between prefix and suffix, whatever stands before', () => {
    assert.deepEqual(fimLayout([7, 8, 1001, 9, 1002], SPECIALS), { prefix: [7, 8], suffix: [9] });
    assert.deepEqual(fimLayout([1001, 1, 1002, 7, 1001, 1002], SPECIALS), {
      prefix: [1001, 1, 1002, 7],
      suffix: [],
    });
    for (const other of [[7, 8], [7, 1002], [7, 1001, 9], [7, 1001, 9, 1002, 3], []])
      assert.equal(fimLayout(other, SPECIALS), undefined, other.join());
  });
});

describe('kept suffixes', () => {
  const shape = { layers: 1, kvHeads: 1, headDim: 2, ropeTheta: 100, maxTokens: 4000 };
  const evaluated = ({ prefix, suffix }: FimLayout): KvCache => {
    const cache = new KvCache(shape);
    const all = [...prefix, 1001, ...suffix];
    cache.reserve(all.length);
    const rows = new Float32Array(all.length * shape.headDim);
    cache.append(all, () => ({ keys: rows, values: rows }));
    return cache;
  };
  const layout = (prefix: readonly number[], suffix = ids(100, 2)): FimLayout => ({ prefix, suffix });
  const before = ids(200, 1);

  const remembering = (): KeptSuffixes => {
    const kept = new KeptSuffixes();
    kept.remember(layout(before), evaluated(layout(before)));
    return kept;
  };

  it('are found while the prefix is nearly the same, and leave the beginning to be evaluated', () => {
    const found = remembering().find(layout([...before, 5, 6])) ?? assert.fail();
    assert.deepEqual([found.from, found.promptTokens], [HEAD_TOKENS, 202 + 1 + HEAD_TOKENS]);
    assert.deepEqual(found.snapshot.tokens, ids(100, 2));
    assert.ok(remembering().find(layout([...before, ...ids(MAX_DRIFT_TOKENS, 3)])));
    assert.equal(remembering().find(layout([...before, ...ids(MAX_DRIFT_TOKENS + 1, 3)])), undefined);
    assert.ok(remembering().find(layout(before.slice(0, -MAX_DRIFT_TOKENS))));
    assert.equal(remembering().find(layout(before.slice(1))), undefined);
  });

  it('are found where only the beginning of the suffix has changed, and leave what is next to that to be evaluated', () => {
    const changed = [9, 9, ...ids(100, 2).slice(30)];
    const found = remembering().find(layout(before, changed)) ?? assert.fail();
    assert.deepEqual([found.from, found.promptTokens], [30 + HEAD_TOKENS, 201 + 2 + HEAD_TOKENS]);
    assert.equal(remembering().find(layout(before, ids(100, 2).slice(0, -1))), undefined);
    assert.equal(remembering().find(layout(before, [9, ...ids(100, 2).slice(40)])), undefined, 'edited deep');
    assert.equal(remembering().find(layout(before, ids(100, 2).slice(60))), undefined, 'too short');
  });

  it('are taken only from what a straight run has left', () => {
    const kept = new KeptSuffixes();
    const cache = evaluated(layout(before));
    const end = cache.snapshot(250, cache.length);
    cache.truncate(250);
    cache.appendSnapshot(end);
    kept.remember(layout(before), cache);
    assert.equal(kept.find(layout(before)), undefined);
  });

  it('are few: that of the place left longest ago goes first', () => {
    const kept = remembering();
    const [second, third] = [layout(ids(200, 4)), layout(ids(200, 5))];
    kept.remember(second, evaluated(second));
    assert.ok(kept.find(layout(before)));
    kept.remember(third, evaluated(third));
    assert.ok(kept.find(layout(before)) && kept.find(third));
    assert.equal(kept.find(second), undefined);
  });
});

describe('a session that keeps suffixes', () => {
  const tiny = tinyForTests();

  const suffix = '\n    return total\n\nprint(total([1, 2, 3]))\n'.repeat(4);
  const request = (typed: string, keepSuffix: boolean): GenerateRequest => ({
    prompt: fimPrompt(`def total(values):\n    total = 0\n    ${typed}`, suffix),
    maxTokens: 12,
    stopTokens: [],
    ...(keepSuffix && { keepSuffix }),
  });
  const never = () => false;

  it('evaluates what was typed and the beginning of the suffix, and little else', async () => {
    const session = tiny().session({ chunkTokens: 7 });
    const first = await collect(session.generate(request('', true), never));
    assert.equal(first.stats.cachedTokens, 0);
    const typed = await collect(session.generate(request('for', true), never));
    const { promptTokens, cachedTokens } = typed.stats;
    const limit = HEAD_TOKENS + 8;
    assert.ok(promptTokens - cachedTokens <= limit, `${promptTokens} - ${cachedTokens}`);
    assert.ok(promptTokens > 3 * limit);
    assert.ok(typed.text !== '');
  });

  it('evaluates all of the suffix where that takes no time worth mentioning', async () => {
    for (const [minKeptMs, takesOver] of [
      [0, true],
      [60_000, false],
    ] as const) {
      const session = tiny().session({ minKeptMs });
      await collect(session.generate(request('', true), never));
      const { stats } = await collect(session.generate(request('for', true), never));
      assert.equal(stats.promptTokens - stats.cachedTokens <= HEAD_TOKENS + 8, takesOver);
    }
  });

  it('evaluates all of the suffix to renew it, and takes that over afterwards', async () => {
    const session = tiny().session();
    await collect(session.generate(request('', true), never));
    const moved = await collect(session.generate(request('for', true), never));
    assert.ok(moved.stats.promptTokens - moved.stats.cachedTokens <= HEAD_TOKENS + 8);
    const renew = { ...request('for v in', true), maxTokens: 0, keepSuffix: 'renew' } as const;
    const { stats } = await collect(session.generate(renew, never));
    assert.ok(stats.promptTokens - stats.cachedTokens > 3 * (HEAD_TOKENS + 8));
    // The same prompt is there already, and as a straight run would have it.
    const there = await collect(session.generate(request('for v in', true), never));
    assert.equal(there.stats.cachedTokens, there.stats.promptTokens);
    const fresh = await collect(tiny().session().generate(request('for v in', false), never));
    assert.equal(there.text, fresh.text);
  });

  it('answers exactly where that is asked for, whatever was kept before', async () => {
    const session = tiny().session();
    const fresh = async (typed: string) =>
      (await collect(tiny().session().generate(request(typed, false), never))).text;
    for (const typed of ['', 'f', 'fo', 'for', 'for v']) {
      await collect(session.generate(request(typed, true), never));
      const exact = await collect(session.generate(request(typed, false), never));
      assert.equal(exact.text, await fresh(typed), typed);
    }
  });

  it('goes on rightly after an abort in its middle', async () => {
    const session = tiny().session({ chunkTokens: 4 });
    await collect(session.generate(request('', true), never));
    for (let looks = 1; looks < 8; looks++) {
      let left = looks;
      await collect(session.generate(request('for v', true), () => left-- <= 0)).catch(() => undefined);
    }
    const whole = await collect(session.generate(request('for v', true), never));
    const straight = tiny().session({ chunkTokens: 4 });
    await collect(straight.generate(request('', true), never));
    assert.equal(whole.text, (await collect(straight.generate(request('for v', true), never))).text);
  });
});
