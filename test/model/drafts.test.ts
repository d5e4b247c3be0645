/** Drafts with the real weights: the greedy tokens are those without, but where two are about as likely. */
import assert from 'node:assert/strict';
import { sharedConvertedDir } from '../support/sharedStorage';
import { DraftBench } from '../bench/drafts/draftBench';
import { testModelPath } from '../support/testModel';

/**
 * Where the texts part, the logits of the two tokens differ by less than this in a straight run: runs of several rows
 * round otherwise than those of one, in *fast* by a step of the 8-bit activations. 0.12 was measured over 12 answers.
 */
const TIE_MARGIN = 0.3;
const TOKENS = 160;

const CART = `class Cart:
    def __init__(self):
        self.items = []

    def add(self, name, price, count=1):
        self.items.append((name, price, count))

    def total(self):
        return sum(price * count for _, price, count in self.items)

    def names(self):
        return [name for name, _, _ in self.items]
`;
const QUEUE = `export class Queue<T> {
  private items: T[] = [];
  push(item: T): void {
    this.items.push(item);
  }
  pop(): T | undefined {
    return this.items.shift();
  }
  get size(): number {
    return this.items.length;
  }
}
`;

const QUESTIONS: readonly string[] = [
  `Rename the class to Basket and answer with the whole code:\n\n${CART}`,
  `Add a docstring to each method and answer with the whole code:\n\n${CART}`,
  `Add a method clear() and answer with the whole code:\n\n${QUEUE}`,
  `Rewrite this in JavaScript without types:\n\n${QUEUE}`,
  'Write a Go function that merges two sorted slices of int.',
  'Explain in a few sentences what a hash table is.',
];

for (const variant of ['fast', 'exact'] as const) {
  describe(`drafts with the real model, ${variant}`, function () {
    this.timeout(300_000);
    const bench = new DraftBench({
      modelPath: testModelPath(),
      cacheDir: sharedConvertedDir(),
      threads: 2,
      variant,
    });
    let accepted = 0;

    before(() => bench.load());
    after(() => bench.release());

    for (const words of QUESTIONS) {
      it(`writes the same, or parts at a tie: ${words.split('\n', 1)[0]}`, async () => {
        const without = await bench.answer(words, TOKENS, false);
        const drafted = await bench.answer(words, TOKENS, true);
        assert.equal(without.accepted, 0);
        accepted += drafted.accepted;
        const parting = await bench.parting(words, [without.text ?? '', drafted.text ?? '']);
        if (parting !== undefined) {
          console.log(`      at token ${parting.at}, logits differ by ${parting.gap.toFixed(3)}`);
          assert.ok(parting.gap < TIE_MARGIN, JSON.stringify(parting));
        }
      });
    }

    it('has drafted a good part of it', () => {
      assert.ok(accepted > TOKENS, `${accepted} tokens`);
    });
  });
}
