import assert from 'node:assert/strict';
import { observeRequests, RequestSpeeds, type RequestCost } from '../../../src/extension/requestSpeeds';
import type { Engine, GenerateEvent, GenerateStats } from '../../../src/inference/engine';

const COST: RequestCost = {
  promptTokens: 300,
  cachedTokens: 100,
  queueMs: 0,
  prefillMs: 500,
  generatedTokens: 11,
  decodeMs: 250,
  acceptedTokens: 0,
  background: false,
  early: false,
};

describe('RequestSpeeds', () => {
  it('knows nothing before the first request', () => {
    const speeds = new RequestSpeeds();
    assert.deepEqual([speeds.recent, speeds.speed(), speeds.cachedPart()], [[], {}, undefined]);
  });

  it('counts evaluated tokens and runs, over all requests together', () => {
    const speeds = new RequestSpeeds();
    speeds.add(COST);
    assert.deepEqual(speeds.speed(), { prefill: 400, decode: 40 });
    speeds.add({ ...COST, cachedTokens: 0, prefillMs: 500, decodeMs: 750 });
    assert.deepEqual(speeds.speed(), { prefill: 500, decode: 20 });
    assert.ok(Math.abs((speeds.cachedPart() ?? 0) - 100 / 600) < 1e-9);
  });

  it('counts what drafts had right, of chats and commands too, whose speed it leaves out', () => {
    const speeds = new RequestSpeeds();
    assert.equal(speeds.draftedPart(), undefined);
    speeds.add(COST);
    speeds.add({ ...COST, acceptedTokens: 11, decodeMs: 10, background: true });
    assert.equal(speeds.draftedPart(), 0.5);
    assert.deepEqual(speeds.speed(), { prefill: 400, decode: 40 });
  });

  it('leaves out what is too short to have a speed', () => {
    const speeds = new RequestSpeeds();
    speeds.add({ ...COST, cachedTokens: 295, generatedTokens: 2 });
    assert.deepEqual(speeds.speed(), {});
    assert.ok(Math.abs((speeds.cachedPart() ?? 0) - 295 / 300) < 1e-9);
  });

  it('counts what was evaluated early, but not as a request', () => {
    const speeds = new RequestSpeeds();
    const early = { ...COST, generatedTokens: 0, decodeMs: 0, early: true };
    speeds.add(early);
    assert.deepEqual([speeds.recent, speeds.cachedPart()], [[], undefined]);
    speeds.add({ ...COST, cachedTokens: 300, prefillMs: 0 });
    assert.equal(speeds.recent.length, 1);
    assert.deepEqual(speeds.speed(), { prefill: 400, decode: 40 });
    assert.ok(Math.abs((speeds.cachedPart() ?? 0) - 1 / 3) < 1e-9);
    speeds.add(early);
    speeds.add(early);
    assert.equal(speeds.cachedPart(), 0);
  });

  it('forgets what is long ago, and all of another model', () => {
    const speeds = new RequestSpeeds();
    for (let request = 0; request < 50; request++) speeds.add({ ...COST, queueMs: request });
    assert.deepEqual([speeds.recent.length, speeds.recent.at(-1)?.queueMs], [20, 49]);
    speeds.clear();
    assert.deepEqual(speeds.recent, []);
  });
});

describe('observeRequests', () => {
  const STATS: GenerateStats = {
    promptTokens: 300,
    cachedTokens: 100,
    generatedTokens: 0,
    queueMs: 3,
    prefillMs: 500,
    decodeMs: 0,
  };
  let now: number;
  let costs: RequestCost[];
  let closed: boolean;
  const ended = { generatedTokens: 3, decodeMs: 900, acceptedTokens: 2 };

  /** Evaluates its prompt, writes three tokens in 20 ms each, and then for a long time nothing. */
  class Engine3 implements Engine {
    readonly capabilities = { specialTokens: true, prefixReuse: true, tokenCounts: true, maxTopK: 1 };
    readonly #length = (text: string): number => text.length;
    get status() {
      return { state: 'stopped' } as const;
    }
    onStatus = () => () => undefined;
    start = () => assert.fail('not asked for here');
    async *generate(): AsyncGenerator<GenerateEvent> {
      try {
        yield { type: 'prefilled', stats: STATS };
        for (const tokens of [1, 2, 3]) {
          if (tokens > 1) now += 20;
          yield { type: 'text', text: 'x', tokens, logProbability: 0, accepted: tokens - 1 };
        }
        now += 1000;
        yield { type: 'done', reason: 'stop-token', stats: { ...STATS, ...ended } };
      } finally {
        closed = true;
      }
    }
    async countTokens(text: string): Promise<number> {
      return this.#length(text);
    }
    async dispose(): Promise<void> {}
  }

  let engine: Engine;
  beforeEach(() => {
    now = 0;
    costs = [];
    closed = false;
    engine = observeRequests(
      new Engine3(),
      (cost) => costs.push(cost),
      () => now,
    );
  });

  const request = { prompt: [{ text: 'p' }], maxTokens: 3 };
  const account = { promptTokens: 300, cachedTokens: 100, queueMs: 3, prefillMs: 500 };
  const expected = { ...account, background: false, early: false };

  it('passes everything on, and what it has cost at the end', async () => {
    const types: string[] = [];
    for await (const { type } of engine.generate(request)) types.push(type);
    assert.deepEqual(types, ['prefilled', 'text', 'text', 'text', 'done']);
    assert.deepEqual(costs, [{ ...expected, generatedTokens: 3, decodeMs: 40, acceptedTokens: 2 }]);
    assert.equal(await engine.countTokens?.('four'), 4, 'members with private parts work');
    assert.equal(engine.status.state, 'stopped');
  });

  it('takes the engine’s own account of one that waits for others, and tells nothing of one that was given up', async () => {
    const background = { ...request, priority: 'background' } as const;
    for await (const { type } of engine.generate(background)) if (type === 'text') break;
    assert.deepEqual(costs, []);
    for await (const event of engine.generate(background)) assert.ok(event);
    assert.deepEqual(costs, [{ ...expected, ...ended, background: true }]);
  });

  it('also tells of those that are given up, and ends them', async () => {
    for await (const event of engine.generate(request)) {
      if (event.type === 'text' && event.tokens === 2) break;
    }
    assert.deepEqual(costs, [{ ...expected, generatedTokens: 2, decodeMs: 20, acceptedTokens: 1 }]);
    assert.equal(closed, true);
  });
});
