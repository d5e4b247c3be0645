import assert from 'node:assert/strict';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../../src/inference/tokenizer/fromGguf';
import { freshSamples, sampleOfTokens } from '../../bench/sampleCode';
import { TINY_TIED } from '../../support/tinyModel';

describe('samples of code', () => {
  it('have the tokens that were asked for, and begin differently', async () => {
    const tokenizer = tokenizerFromGguf((await readGguf(TINY_TIED)).metadata);
    const next = freshSamples(tokenizer);
    const samples = Array.from({ length: 14 }, () => next(100));
    for (const text of samples) assert.equal(tokenizer.encode(text).length, 100);
    assert.equal(new Set(samples.map((text) => text.split(' ')[0])).size, samples.length);
    assert.equal(samples[3], sampleOfTokens(tokenizer, 3, 100));
  });

  it('are refused when those that begin differently are used up', async () => {
    const tokenizer = tokenizerFromGguf((await readGguf(TINY_TIED)).metadata);
    const next = freshSamples(tokenizer);
    assert.throws(() => {
      for (let at = 0; at < 100; at++) next(50);
    }, RangeError);
  });
});
