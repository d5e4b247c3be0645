import assert from 'node:assert/strict';
import type { GenerateRequest } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { collect } from '../../support/collect';
import { openGraph, TINY_TIED, tinyForTests } from '../../support/tinyModel';

const never = () => false;
const code = (expected: string) => (error: unknown) =>
  error instanceof EngineError && error.code === expected;

describe('Session', () => {
  const tiny = tinyForTests();

  const text = 'def total(values):\n    return sum(values)\n\nprint(total([1, 2, 3]))\n'.repeat(3);
  const request = (overrides: Partial<GenerateRequest> = {}): GenerateRequest => ({
    prompt: [{ text }],
    maxTokens: 24,
    stopTokens: [],
    ...overrides,
  });

  it('gives the same text however the prompt is cut into chunks', async () => {
    const texts = [];
    for (const chunkTokens of [1, 7, 64, 1000]) {
      texts.push((await collect(tiny().session({ chunkTokens }).generate(request(), never))).text);
    }
    assert.equal(new Set(texts).size, 1);
    assert.ok(texts[0] !== '');
  });

  it('evaluates only what the cache does not hold, and answers as a fresh session does', async () => {
    const session = tiny().session();
    const first = await collect(session.generate(request(), never));
    assert.equal(first.stats.cachedTokens, 0);
    const again = await collect(session.generate(request(), never));
    assert.equal(again.stats.cachedTokens, again.stats.promptTokens);
    assert.equal(again.text, first.text);

    const longer = request({ prompt: [{ text: `${text}x = 1\n` }] });
    const reused = await collect(session.generate(longer, never));
    const fresh = await collect(tiny().session().generate(longer, never));
    assert.ok(reused.stats.cachedTokens > 20 && fresh.stats.cachedTokens === 0);
    assert.equal(reused.text, fresh.text);
  });

  it('evaluates a prompt without writing, and writes behind it without another run', async () => {
    const session = tiny().session();
    const early = await collect(session.generate(request({ maxTokens: 0 }), never));
    assert.deepEqual([early.text, early.reason, early.stats.generatedTokens], ['', 'max-tokens', 0]);
    const written = await collect(session.generate(request(), never));
    assert.equal(written.stats.cachedTokens, written.stats.promptTokens);
    const fresh = await collect(tiny().session().generate(request(), never));
    assert.equal(written.text, fresh.text);
    // Another prompt of as many tokens is none of that.
    const other = request({ prompt: [{ text: `${text.slice(0, -1)}?` }] });
    const others = await collect(session.generate(other, never));
    assert.equal(others.text, (await collect(tiny().session().generate(other, never))).text);
    assert.ok(others.stats.cachedTokens < others.stats.promptTokens);
  });

  it('does not take the logits of another prompt for its own after one was withdrawn half-way', async () => {
    const session = tiny().session({ chunkTokens: 4 });
    const of = (end: string) => request({ prompt: [{ text: `${text}${end}` }] });
    const [one, other] = [of('a'), of('b')];
    const first = await collect(session.generate(one, never));
    const expected = await collect(tiny().session({ chunkTokens: 4 }).generate(other, never));
    assert.equal(first.stats.promptTokens, expected.stats.promptTokens);
    let looks = 0;
    const longer = of('b\nfor value in values:\n    print(value)\n');
    await assert.rejects(collect(session.generate(longer, () => ++looks > 3)), code('aborted'));
    assert.equal((await collect(session.generate(other, never))).text, expected.text);
  });

  it('stops at a stop string, which may lie across tokens, and leaves it out', async () => {
    const { text: whole } = await collect(tiny().session().generate(request(), never));
    const stop = whole.slice(5, 9);
    const { text: cut, reason } = await collect(
      tiny()
        .session()
        .generate(request({ stopStrings: [stop] }), never),
    );
    assert.equal(cut, whole.slice(0, whole.indexOf(stop)));
    assert.equal(reason, 'stop-string');
  });

  it('says how likely all that was written is, the logarithms added up', async () => {
    const session = tiny().session();
    const { events } = await collect(session.generate(request({ maxTokens: 4 }), never));
    const pieces = events.flatMap((event) => (event.type === 'text' ? [event] : []));
    assert.ok(pieces.length > 0);
    let ids = session.tokenizer.encode(text);
    let [tokens, sum] = [0, 0];
    for (const piece of pieces) {
      while (tokens < piece.tokens) {
        const logits = Array.from((await session.evaluate(ids)).at(-1) ?? []);
        const top = [...logits].sort((a, b) => b - a).slice(0, 64);
        const largest = top[0] ?? NaN;
        sum -= Math.log(top.reduce((mass, logit) => mass + Math.exp(logit - largest), 0));
        ids = [...ids, logits.indexOf(largest)];
        tokens++;
      }
      assert.ok(Math.abs(piece.logProbability - sum) < 1e-3, `${piece.logProbability} for ${sum}`);
    }
  });

  it('stops at special tokens by default, without showing them', async () => {
    // A random model meets special tokens by sampling.
    const sampling = { temperature: 100, topK: 64, topP: 1, seed: 3 };
    const results = [];
    for (let seed = 0; seed < 20; seed++) {
      const asked: GenerateRequest = { prompt: [{ text }], maxTokens: 60, sampling: { ...sampling, seed } };
      results.push(await collect(tiny().session().generate(asked, never)));
    }
    assert.ok(results.some(({ reason }) => reason === 'stop-token'));
    for (const result of results) assert.ok(!result.text.includes('<|'));
  });

  it('says how likely the end was, where a stop token is one', async () => {
    const session = tiny().session();
    const logits = Array.from((await session.evaluate(session.tokenizer.encode(text))).at(-1) ?? []);
    const top = [...logits].sort((a, b) => b - a).slice(0, 64);
    const mass = Math.log(top.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const possible = logits.map((logit, id) => (session.tokenizer.isSpecial(id) ? logit - mass : NaN));
    let found = 0;
    for (let seed = 0; seed < 60; seed++) {
      const sampling = { temperature: 100, topK: 64, topP: 1, seed };
      const asked = { prompt: [{ text }], maxTokens: 3, sampling };
      const { events, stats } = await collect(tiny().session().generate(asked, never));
      const [last] = events.slice(-1);
      assert.ok(last?.type === 'done');
      assert.equal(last.logProbability === undefined, last.reason !== 'stop-token');
      if (last.logProbability === undefined || stats.generatedTokens > 0) continue;
      found++;
      const off = Math.min(
        ...possible
          .map((each) => Math.abs(each - Number(last.logProbability)))
          .filter((each) => !Number.isNaN(each)),
      );
      assert.ok(off < 1e-3, `${last.logProbability} is none of them`);
    }
    assert.ok(found > 0);
  });

  it('counts tokens and says why it ended', async () => {
    const { reason, stats } = await collect(
      tiny()
        .session()
        .generate(request({ maxTokens: 5 }), never),
    );
    assert.equal(reason, 'max-tokens');
    assert.equal(stats.generatedTokens, 5);
  });

  it('ends where the context is full, and refuses a prompt that does not fit', async () => {
    const prompt = tiny().session().tokenizer.encode(text).length;
    const small = tiny().session({ contextTokens: prompt + 3 });
    const { reason, stats } = await collect(small.generate(request(), never));
    assert.equal(reason, 'context-full');
    assert.equal(stats.generatedTokens, 3);
    await assert.rejects(
      collect(tiny().session({ contextTokens: prompt }).generate(request(), never)),
      code('context-overflow'),
    );
  });

  it('refuses impossible requests', async () => {
    for (const wrong of [{ maxTokens: -1 }, { maxTokens: 1.5 }, { prompt: [] }, { prompt: [{ text: '' }] }]) {
      await assert.rejects(
        collect(tiny().session().generate(request(wrong), never)),
        code('invalid-request'),
      );
    }
  });

  it('stops between chunks and between tokens, and answers rightly afterwards', async () => {
    const expected = (await collect(tiny().session().generate(request(), never))).text;
    const session = tiny().session({ chunkTokens: 8 });
    for (let looks = 0; looks < 24; looks += 3) {
      let left = looks;
      const abortSoon = () => left-- <= 0;
      await assert.rejects(collect(session.generate(request(), abortSoon)), code('aborted'));
    }
    assert.equal((await collect(session.generate(request(), never))).text, expected);
  });

  it('begins with another of the likeliest tokens where that is asked for', async () => {
    const first = async (firstChoice?: number): Promise<string> => {
      const choice = firstChoice === undefined ? {} : { firstChoice };
      return (
        await collect(
          tiny()
            .session()
            .generate(request({ maxTokens: 8, ...choice }), never),
        )
      ).text;
    };
    const [likeliest, second, third] = [await first(0), await first(1), await first(2)];
    assert.equal(likeliest, await first());
    assert.equal(new Set([likeliest, second, third]).size, 3);
    for (const firstChoice of [-1, 0.5, 1000])
      await assert.rejects(first(firstChoice), code('invalid-request'));
  });

  it('passes stop tokens over until there are as many tokens as are asked for', async () => {
    const shortest = async (minTokens: number): Promise<number> => {
      let fewest = Infinity;
      for (let seed = 0; seed < 60; seed++) {
        const sampling = { temperature: 100, topK: 64, topP: 1, seed };
        const asked = { prompt: [{ text }], maxTokens: 8, sampling, minTokens };
        const { stats } = await collect(tiny().session().generate(asked, never));
        fewest = Math.min(fewest, stats.generatedTokens);
      }
      return fewest;
    };
    assert.ok((await shortest(0)) < 3);
    assert.equal(await shortest(3), 3);
  });

  it('keeps to the seed', async () => {
    const draw = async (seed: number) => {
      const sampling = { temperature: 2, topK: 40, topP: 0.95, seed };
      return (await collect(tiny().session().generate(request({ sampling }), never))).text;
    };
    assert.equal(await draw(5), await draw(5));
    assert.notEqual(await draw(5), await draw(6));
  });

  it('runs a model with a tied head', async () => {
    const tied = await openGraph(TINY_TIED, tiny().folder);
    try {
      assert.equal(tied.config.tiedEmbeddings, true);
      assert.notEqual((await collect(tied.session().generate(request(), never))).text, '');
    } finally {
      await tied.graph.release();
    }
  });
});
