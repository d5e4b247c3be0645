import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import { EndScorer, logProbabilityOf, rowOf, type EndScore } from '../../../src/inference/session/endScorer';
import type { KvCache } from '../../../src/inference/session/kvCache';
import type { Candidates } from '../../../src/inference/session/sampler';
import { collect } from '../../support/collect';
import { tinyForTests } from '../../support/tinyModel';

describe('EndScorer', () => {
  const tiny = tinyForTests();

  const prompt = 'def f(values):\n    x = 1\n';
  const encode = (text: string): number[] => tiny().session().tokenizer.encode(text);
  const decode = (id: number): string => tiny().session().tokenizer.decode([id]);

  /** Writes tokens behind the prompt as a session does, and returns what was scored. */
  async function write(
    texts: readonly string[],
    suffix: string,
    tokens = 3,
  ): Promise<{ scores: EndScore[]; cache: KvCache; ids: number[] }> {
    const { graph } = tiny();
    const cache = tiny().newCache();
    const scorer = new EndScorer(tiny().session().tokenizer, graph, { suffix, tokens });
    const ids = encode(prompt);
    let candidates: Candidates = rowOf(await graph.run({ ids, rows: [ids.length - 1] }, cache), 0);
    const scores: EndScore[] = [];
    for (const text of texts) {
      for (const id of encode(text)) {
        ids.push(id);
        const score = await scorer.push(id, decode(id), candidates, () => cache);
        if (score !== undefined) scores.push(score);
        candidates = score?.next ?? rowOf(await graph.run({ ids: [id], rows: [0] }, cache), 0);
        assert.deepEqual(cache.tokens, ids, 'the cache holds what was written, and nothing of the suffix');
      }
    }
    return { scores, cache, ids };
  }

  /** Mean of the logarithms, from a run over all of it at once. */
  async function expected(before: string, follows: string, tokens: number): Promise<number> {
    const start = encode(before).length;
    const ids = encode(before + follows);
    const rows = await tiny()
      .session()
      .evaluate(ids.slice(0, start + tokens));
    const each = ids.slice(start, start + tokens).map((id, index) => {
      const logits = rows[start + index - 1] as Float32Array;
      const sorted = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number));
      const top = sorted.slice(0, 64);
      return logProbabilityOf(id, {
        logits: Float32Array.from(top, (other) => logits[other] as number),
        ids: BigInt64Array.from(top, BigInt),
      });
    });
    return each.reduce((sum, each) => sum + each, 0) / tokens;
  }

  it('tells at each end of line how likely the text behind the cursor is there', async () => {
    const suffix = 'return x\n';
    const { scores } = await write(['y = 2', '\n', 'z = 3', '\n'], suffix, 3);
    assert.deepEqual(
      scores.map(({ at }) => at),
      [6, 12],
    );
    for (const { at, logProbability } of scores) {
      const wanted = await expected(`${prompt}y = 2\nz = 3\n`.slice(0, prompt.length + at), suffix, 3);
      assert.ok(Math.abs(logProbability - wanted) < 1e-3, `${logProbability} for ${wanted} at ${at}`);
    }
  });

  it('puts a suffix that begins with an end of line in the place of the one written', async () => {
    const { scores } = await write(['y = 2', '\n'], '\n\nprint(1)\n');
    assert.deepEqual(
      scores.map(({ at }) => at),
      [5],
    );
  });

  it('looks inside a line where the first token of the suffix is written', async () => {
    const [first = ''] = encode(') + g(x)\n').map(decode);
    const { scores } = await write(['f(1', first], ') + g(x)\n');
    assert.deepEqual(
      scores.map(({ at }) => at),
      [3],
    );
  });

  it('does not score a place without text before it', async () => {
    assert.deepEqual((await write(['\n', '  ', '\n'], '\nprint(1)\n')).scores, []);
  });

  it('leaves the text as it is, and says so between the pieces', async () => {
    const text = 'def total(values):\n    return sum(values)\n\nprint(total([1, 2, 3]))\n';
    let scored = 0;
    for (let seed = 0; seed < 12; seed++) {
      const sampling = { temperature: 3, topK: 64, topP: 1, seed };
      const asked = { prompt: [{ text }], maxTokens: 60, stopTokens: [], sampling };
      const plain = await collect(
        tiny()
          .session()
          .generate(asked, () => false),
      );
      const session = tiny().session();
      const endScoring = { suffix: 'print(2)\n', tokens: 4 };
      const { events, ...answer } = await collect(session.generate({ ...asked, endScoring }, () => false));
      assert.equal(answer.text, plain.text);
      let length = 0;
      for (const event of events) {
        if (event.type === 'text') length += event.text.length;
        if (event.type !== 'end-score') continue;
        scored++;
        assert.ok(event.at <= length && event.at > 0 && event.logProbability <= 0);
        assert.match(answer.text.slice(event.at - 1), /^\n|^.p/s);
      }
    }
    assert.ok(scored > 3, `only ${scored} places were scored`);
  });

  it('refuses impossible numbers of tokens', async () => {
    for (const tokens of [0, 1.5, 17]) {
      const request = { prompt: [{ text: prompt }], maxTokens: 4, endScoring: { suffix: 'x', tokens } };
      await assert.rejects(
        collect(
          tiny()
            .session()
            .generate(request, () => false),
        ),
        (error: unknown) => error instanceof EngineError && error.code === 'invalid-request',
      );
    }
  });
});
