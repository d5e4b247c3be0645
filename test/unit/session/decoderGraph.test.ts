import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VARIANTS } from '../../../src/inference/engine';
import type { KvCache } from '../../../src/inference/session/kvCache';
import { agreement, greedyIds } from '../../support/agreement';
import { compareGreedy, loadGoldens } from '../../support/goldens';
import {
  openGraph,
  temporaryFolder,
  TINY_TIED,
  TINY_UNTIED,
  type OpenedGraph,
} from '../../support/tinyModel';

/**
 * A run of one token takes another kernel than a run of several, whose sums round differently; a value that then
 * falls on the other side of a rounding border of the 8-bit activations moves all logits a little. This is how far in the
 * root mean square (theirs is 3.5): in 12,000 runs of random tokens most did not move at all, the worst by 0.13, a single
 * logit by 0.55. One wrong token in the past moves a single one by 5.4 in the median. Runs of two or more tokens agree to
 * the last bit or nearly so.
 */
const SINGLE_TOKEN_BOUND = 0.3;
const SEVERAL_TOKENS_BOUND = 1e-4;

/**
 * Random weights spread their logits evenly, so that quantisation costs ten times what it costs on the trained model
 * (whose bounds are 0.002 and 0.003, in test/model); a mistake in the graph costs a hundred times more again.
 */
const TINY_KL_BOUNDS = { exact: 0.01, fast: 0.02, fast7: 0.04 };

/** Quantising weights and activations to so many bits moves the random model's logits by up to this much. */
const TIE_MARGINS = { exact: 0.5, fast: 0.5, fast7: 0.7 };

const newCache = (opened: OpenedGraph): KvCache => opened.newCache();

/** Logits of the last of `ids`, evaluated behind the cache in pieces of these lengths (the last takes the rest). */
async function evaluate(
  { graph }: OpenedGraph,
  cache: KvCache,
  ids: readonly number[],
  lengths: readonly number[],
): Promise<Float32Array> {
  let logits: Float32Array | undefined;
  let piece = 0;
  while (cache.length < ids.length) {
    const rest = ids.length - cache.length;
    const length = Math.min(lengths[piece++] ?? rest, rest);
    const chunk = ids.slice(cache.length, cache.length + length);
    ({ logits } = await graph.run({ ids: chunk, rows: [chunk.length - 1], fullLogits: true }, cache));
  }
  return logits as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((max, x, index) => Math.max(max, Math.abs(x - (b[index] as number))), 0);
}

/** Root mean square. */
function meanDifference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return Math.sqrt(a.reduce((sum, x, index) => sum + (x - (b[index] as number)) ** 2, 0) / a.length);
}

for (const [name, path] of [
  ['tiny-tied', TINY_TIED],
  ['tiny-untied', TINY_UNTIED],
] as const) {
  for (const variant of VARIANTS) {
    describe(`DecoderGraph (${name}, ${variant})`, () => {
      let folder: Awaited<ReturnType<typeof temporaryFolder>>;
      let opened: OpenedGraph;

      before(async () => {
        folder = await temporaryFolder();
        opened = await openGraph(path, folder.path, { variant });
      });
      after(async () => {
        await opened.graph.release();
        await folder.remove();
      });

      it('agrees with the reference in PyTorch', async () => {
        const { meanKl, positions } = await agreement(opened, name);
        assert.ok(
          positions > 100 && meanKl < TINY_KL_BOUNDS[variant],
          `mean KL ${meanKl} over ${positions} positions`,
        );
      });

      it('decodes greedily as the reference does, but for ties', async () => {
        for (const prompt of loadGoldens(name).prompts) {
          const ours = await greedyIds(opened, prompt.ids, prompt.greedy.margins.length);
          const comparison = compareGreedy(prompt.greedy, ours, TIE_MARGINS[variant]);
          assert.notEqual(comparison.kind, 'different', `${prompt.name}: ${JSON.stringify(comparison)}`);
        }
      });

      it('computes the same in any chunks and after any rollback', async () => {
        const { vocabSize } = opened.config;
        const ids = fc.array(fc.nat(vocabSize - 1), { minLength: 3, maxLength: 90 });
        const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(ids, ids, fc.nat(90), lengths, async (wanted, other, kept, pieces) => {
            const straight = await evaluate(opened, newCache(opened), wanted, []);
            const cache = newCache(opened);
            // Something else first, sharing a beginning, then rolled back to where they part.
            const common = Math.min(kept, wanted.length - 1);
            await evaluate(opened, cache, [...wanted.slice(0, common), ...other], pieces);
            cache.truncate(common);
            const again = await evaluate(opened, cache, wanted, pieces);
            assert.ok(meanDifference(straight, again) < SINGLE_TOKEN_BOUND);
          }),
          { numRuns: 60 },
        );
      });

      it('computes exactly the same wherever several tokens run at once', async () => {
        const ids = Array.from({ length: 96 }, (_, index) => (index * 37) % opened.config.vocabSize);
        const straight = await evaluate(opened, newCache(opened), ids, []);
        for (const length of [2, 3, 8, 32, 48]) {
          const lengths = Array.from({ length: 48 }, () => length);
          const pieces = await evaluate(opened, newCache(opened), ids, lengths);
          assert.ok(largestDifference(straight, pieces) < SEVERAL_TOKENS_BOUND, `chunks of ${length}`);
        }
      });

      it('computes around a range that is there already what a straight run computes', async () => {
        const ids = Array.from({ length: 70 }, (_, index) => (index * 41 + 5) % opened.config.vocabSize);
        const [start, middle] = [20, 30];
        const straight = newCache(opened);
        const expected = await evaluate(opened, straight, ids, []);
        const behind = straight.snapshot(middle, ids.length - 1);
        const run = async (hidden: boolean): Promise<Float32Array> => {
          const cache = newCache(opened);
          await evaluate(opened, cache, ids.slice(0, start), []);
          cache.appendSnapshot(behind, 0, middle);
          const end = cache.length;
          const rows = middle - start;
          const around = [...ids.slice(start, middle), ...ids.slice(-1)];
          const positions = [...ids.keys()].filter(
            (at) => (at >= start && at < middle) || at === ids.length - 1,
          );
          const { logits } = await opened.graph.run(
            {
              ...{ ids: around, rows: [rows], fullLogits: true, positions },
              ...(hidden && { hidden: { from: start, to: end, rows } }),
            },
            cache,
          );
          cache.exchange(start, end, end + rows, true);
          assert.deepEqual(cache.tokens, ids);
          assert.equal(cache.exactLength, middle);
          for (const layer of [0, opened.config.blockCount - 1]) {
            const keys = (each: KvCache) => each.snapshot(0, ids.length).keys[layer] as Float32Array;
            if (hidden) assert.ok(largestDifference(keys(cache), keys(straight)) < SINGLE_TOKEN_BOUND);
          }
          return logits as Float32Array;
        };
        assert.ok(largestDifference(expected, await run(true)) < SINGLE_TOKEN_BOUND);
        // Tokens that see what stands behind them compute something else.
        assert.ok(largestDifference(expected, await run(false)) > SINGLE_TOKEN_BOUND);
      });

      it('returns the largest logits in falling order', async () => {
        const { topLogits, topIds, logits, k } = await opened.graph.run(
          { ids: [1, 2, 3], rows: [0, 2], fullLogits: true },
          newCache(opened),
        );
        const { vocabSize } = opened.config;
        for (const row of [0, 1]) {
          const full = (logits as Float32Array).subarray(row * vocabSize, (row + 1) * vocabSize);
          const expected = [...full].sort((a, b) => b - a).slice(0, k);
          assert.deepEqual([...topLogits.subarray(row * k, (row + 1) * k)], expected);
          assert.equal(full[Number(topIds[row * k])], expected[0]);
        }
      });

      it('refuses runs without tokens or rows, which would end the process inside the native library', async () => {
        await assert.rejects(opened.graph.run({ ids: [], rows: [0] }, newCache(opened)), RangeError);
        await assert.rejects(opened.graph.run({ ids: [1], rows: [] }, newCache(opened)), RangeError);
      });
    });
  }
}
