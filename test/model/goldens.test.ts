/** The real weights against PyTorch in f32 on the same dequantised file. */
import assert from 'node:assert/strict';
import type { Variant } from '../../src/inference/engine';
import { sharedConvertedDir } from '../support/sharedStorage';
import { agreement, describeAgreement, greedyIds, pooled } from '../support/agreement';
import { compareGreedy, loadGoldens } from '../support/goldens';
import { openGraph, type OpenedGraph } from '../support/tinyModel';
import { testModelPath } from '../support/testModel';

/** What 8-bit blocks may cost; 0.0004 was measured. */
const MEAN_KL_BOUND = 0.002;

/** Where the reference's two best tokens are closer than this, either is right: 8 bits move logits by about 0.1. */
const TIE_MARGIN = 0.3;

/** What a variant may cost on code that nothing was tuned on: the mean KL, and the share of equal first tokens. */
const HELD_BOUNDS: ReadonlyArray<{
  readonly variant: Variant;
  readonly meanKl: number;
  readonly top1: number;
}> = [
  { variant: 'exact', meanKl: 0.002, top1: 0.98 },
  { variant: 'fast', meanKl: 0.003, top1: 0.98 },
];

const HELD_LANGUAGES = ['python', 'typescript', 'go', 'rust', 'java'];

function openReal(variant: Variant): Promise<OpenedGraph> {
  const cacheDir = sharedConvertedDir();
  return openGraph(testModelPath(), cacheDir, { threads: 2, variant });
}

describe('the exact variant of the real model', function () {
  this.timeout(300_000);
  let opened: OpenedGraph;

  before(async () => {
    opened = await openReal('exact');
  });
  after(() => opened.graph.release());

  it('has a mean KL to the reference of at most 0.002', async () => {
    const all = await agreement(opened, 'coder-0.5b');
    console.log(`      ${describeAgreement(all)}`);
    assert.ok(all.positions > 500 && all.meanKl <= MEAN_KL_BOUND, describeAgreement(all));
  });

  for (const prompt of loadGoldens('coder-0.5b').prompts) {
    it(`continues ${prompt.name} greedily as the reference does`, async () => {
      const ours = await greedyIds(opened, prompt.ids, prompt.greedy.margins.length);
      const comparison = compareGreedy(prompt.greedy, ours, TIE_MARGIN);
      assert.notEqual(comparison.kind, 'different', JSON.stringify(comparison));
    });
  }
});

for (const { variant, meanKl, top1 } of HELD_BOUNDS) {
  describe(`the ${variant} variant of the real model on held code`, function () {
    this.timeout(600_000);
    let opened: OpenedGraph;

    before(async () => {
      opened = await openReal(variant);
    });
    after(() => opened.graph.release());

    it(`has a mean KL of at most ${meanKl} and the same first token at ${100 * top1} % of the positions`, async () => {
      const all = await agreement(opened, 'coder-0.5b-held');
      for (const language of HELD_LANGUAGES) {
        // Each language has a text that is read plainly and one with a gap that is filled in.
        const own = all.prompts.filter(({ name }) => name === language || name === `fim-${language}`);
        assert.equal(own.length, 2, language);
        console.log(`      ${language}: ${describeAgreement(pooled(own))}`);
      }
      console.log(`      all: ${describeAgreement(all)}`);
      assert.ok(all.positions > 1500, `${all.positions} positions`);
      assert.ok(all.meanKl <= meanKl && all.top1 >= top1, describeAgreement(all));
    });
  });
}
