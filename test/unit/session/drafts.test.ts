import assert from 'node:assert/strict';
import type { GenerateRequest } from '../../../src/inference/engine';
import { DecodeSteps } from '../../../src/inference/session/decodeSteps';
import { DraftLength, MAX_DRAFT, RUN_COSTS } from '../../../src/inference/session/draftLength';
import { rowOf } from '../../../src/inference/session/endScorer';
import { longestOccurrence, tokensFrom } from '../../../src/inference/session/promptLookup';
import { createSampler, greedySampler } from '../../../src/inference/session/sampler';
import { collect } from '../../support/collect';
import { tinyForTests } from '../../support/tinyModel';

const never = () => false;

describe('longestOccurrence', () => {
  const found = (text: string) => longestOccurrence([...text].map((letter) => letter.charCodeAt(0)));

  it('finds the longest one', () => assert.deepEqual(found('abcx bcy abc'), { from: 3, length: 3 }));
  it('takes the latest of equals', () => assert.deepEqual(found('ab1ab2ab'), { from: 5, length: 2 }));
  it('may overlap the end', () => assert.deepEqual(found('xaaaa'), { from: 4, length: 3 }));
  it('is none where the last token is new', () => assert.equal(found('abc'), undefined));
  it('is none in nothing', () => assert.equal(longestOccurrence([]), undefined));
});

describe('tokensFrom', () => {
  it('goes on with what repeats itself', () => {
    assert.deepEqual(tokensFrom([7, 1, 2, 1, 2], 3, 5), [1, 2, 1, 2, 1]);
  });
});

describe('DraftLength', () => {
  it('drafts more the longer the match, and nothing where little is likely', () => {
    const length = new DraftLength(RUN_COSTS.int8);
    const counts = [1, 3, 9].map((match) => length.choose(match, 100));
    assert.equal(counts[0], 0);
    assert.ok((counts[1] as number) >= 3 && (counts[2] as number) > (counts[1] as number), counts.join());
    assert.ok((counts[2] as number) <= MAX_DRAFT);
  });

  it('takes whole groups of rows, which cost the same', () => {
    const length = new DraftLength(RUN_COSTS.int8);
    for (const match of [2, 3, 5, 9]) assert.equal((length.choose(match, 100) + 1) % 4, 0);
  });

  it('gives up where drafts are wrong, and grows where they are right', () => {
    const length = new DraftLength(RUN_COSTS.int8);
    for (let time = 0; time < 20; time++) length.observe(9, 8, 0);
    assert.equal(length.choose(12, 100), 0);
    for (let time = 0; time < 20; time++) length.observe(2, 8, 8);
    assert.equal(length.choose(2, 100), MAX_DRAFT);
  });

  it('drafts no more than is wanted', () => {
    assert.ok(new DraftLength(RUN_COSTS.int8).choose(32, 3) <= 3);
  });
});

describe('drafts', () => {
  const tiny = tinyForTests();
  const text = 'def total(values):\n    return sum(values)\n\nprint(total([1, 2, 3]))\n'.repeat(3);
  const both = async (overrides: Partial<GenerateRequest>) => {
    const request: GenerateRequest = { prompt: [{ text }], maxTokens: 48, stopTokens: [], ...overrides };
    const [plain, drafted] = [
      await collect(
        tiny()
          .session()
          .generate({ ...request, drafts: false }, never),
      ),
      await collect(tiny().session().generate(request, never)),
    ];
    return { plain, drafted };
  };

  it('save runs and change no token of a greedy answer', async () => {
    const { plain, drafted } = await both({});
    assert.equal(drafted.text, plain.text);
    assert.equal(plain.stats.draftedTokens, 0);
    assert.ok((drafted.stats.acceptedTokens ?? 0) > 0, JSON.stringify(drafted.stats));
  });

  it('change no token where ends are scored', async () => {
    const endScoring = { suffix: '\nprint(total([4]))\n', tokens: 5 };
    for (const spell of ['', 'pr']) {
      const { plain, drafted } = await both({ endScoring, spell });
      assert.equal(drafted.text, plain.text);
      const scores = (events: typeof plain.events) =>
        events.filter(({ type }) => type === 'end-score').length;
      assert.equal(scores(drafted.events), scores(plain.events));
    }
  });

  it('change a sampled text only where a draw falls between two roundings', async () => {
    let [accepted, changed] = [0, 0];
    for (let seed = 0; seed < 30; seed++) {
      const { plain, drafted } = await both({
        sampling: { temperature: 0.2 + (seed % 3), topK: 40, topP: 0.95, seed },
      });
      if (drafted.text !== plain.text) changed++;
      accepted += drafted.stats.acceptedTokens ?? 0;
    }
    assert.ok(accepted > 0);
    assert.ok(changed <= 2, `${changed} of 30`);
  });

  it('leave the distribution of sampled tokens as it is', async () => {
    const opened = tiny();
    const { graph } = opened;
    const ids = opened.session().tokenizer.encode(text);
    const last = ids.at(-1) as number;
    const sampling = { temperature: 1, topK: 8, topP: 1 };
    const cache = opened.newCache();
    const before = await graph.run({ ids: ids.slice(0, -1), rows: [0] }, cache);
    assert.ok(before.k > 0);
    const draws = 3000;
    const counts = new Map<number, number>();
    let accepted = 0;
    const straight = opened.newCache();
    const first = greedySampler(rowOf(await graph.run({ ids, rows: [ids.length - 1] }, straight), 0));
    // Its draft is right for one token: what was drawn next before comes again, or not.
    const known = [last, first, ...ids.slice(0, 3)];
    for (let seed = 0; seed < draws; seed++) {
      cache.truncate(ids.length - 1);
      const sampler = createSampler({ ...sampling, seed }, before.k);
      const steps = new DecodeSteps(graph, cache, known, { cost: () => 1, mayDraft: () => true });
      await steps.step(last, 8, async () => {});
      const second = sampler(await steps.step(first, 8, async () => {}));
      counts.set(second, (counts.get(second) ?? 0) + 1);
      accepted += steps.accepted;
    }
    const top = rowOf(await graph.run({ ids: [first], rows: [0] }, straight), 0);
    const weights = Array.from(top.logits.subarray(0, 8), (logit) =>
      Math.exp(logit - (top.logits[0] as number)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const distance = weights.reduce((sum, weight, index) => {
      const share = (counts.get(Number(top.ids[index])) ?? 0) / draws;
      return sum + Math.abs(share - weight / total) / 2;
    }, 0);
    // Chance alone gives about sqrt(8 / (2 π 3000)) = 0.02.
    assert.ok(distance < 0.045, `total variation ${distance}`);
    assert.equal(accepted, draws);
  }).timeout(60_000);

  it('leave a cache that holds what it says, wherever a generation is withdrawn', async () => {
    const expected = (await both({})).plain.text;
    const session = tiny().session();
    for (let looks = 4; looks < 30; looks += 5) {
      let left = looks;
      const request: GenerateRequest = { prompt: [{ text }], maxTokens: 48, stopTokens: [] };
      await collect(session.generate(request, () => left-- <= 0)).catch(() => {});
      assert.equal((await collect(session.generate(request, never))).text, expected);
    }
  });

  it('end where the context does', async () => {
    const prompt = tiny().session().tokenizer.encode(text).length;
    const small = tiny().session({ contextTokens: prompt + 6 });
    const { reason, stats } = await collect(
      small.generate({ prompt: [{ text }], maxTokens: 48, stopTokens: [] }, never),
    );
    assert.equal(reason, 'context-full');
    assert.equal(stats.generatedTokens, 6);
  });
});
