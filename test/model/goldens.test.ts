/** The real weights against PyTorch in f32 on the same dequantised file. */
import assert from 'node:assert/strict';
import { convertedDir, processStorageEnvironment, storageRoot } from '../../src/inference/store/paths';
import { agreement, greedyIds } from '../support/agreement';
import { compareGreedy, loadGoldens } from '../support/goldens';
import { openGraph, type OpenedGraph } from '../support/tinyModel';
import { testModelPath } from '../support/testModel';

/** What 8-bit blocks may cost; 0.0004 was measured. */
const MEAN_KL_BOUND = 0.002;

/** Where the reference's two best tokens are closer than this, either is right: 8 bits move logits by about 0.1. */
const TIE_MARGIN = 0.3;

describe('the exact variant of the real model', function () {
  this.timeout(300_000);
  let opened: OpenedGraph;

  before(async () => {
    opened = await openGraph(testModelPath(), convertedDir(storageRoot(processStorageEnvironment())), {
      threads: 2,
    });
  });
  after(() => opened.graph.release());

  it('has a mean KL to the reference of at most 0.002', async () => {
    const { meanKl, top1, positions } = await agreement(opened, 'coder-0.5b');
    console.log(
      `      mean KL ${meanKl.toFixed(5)}, same first token ${(100 * top1).toFixed(1)} %, ${positions} positions`,
    );
    assert.ok(positions > 500 && meanKl <= MEAN_KL_BOUND, `mean KL ${meanKl} over ${positions} positions`);
  });

  for (const prompt of loadGoldens('coder-0.5b').prompts) {
    it(`continues ${prompt.name} greedily as the reference does`, async () => {
      const ours = await greedyIds(opened, prompt.ids, prompt.greedy.margins.length);
      const comparison = compareGreedy(prompt.greedy, ours, TIE_MARGIN);
      assert.notEqual(comparison.kind, 'different', JSON.stringify(comparison));
    });
  }
});
