import assert from 'node:assert/strict';
import { ChunkLength } from '../../../src/inference/session/chunkLength';

/** Feeds runs of a machine that takes so many milliseconds for a token behind a context. @returns the longest run */
function simulate(
  msPerToken: (position: number) => number,
  promptTokens: number,
): { longest: number; runs: number } {
  const chunk = new ChunkLength();
  let longest = 0;
  let runs = 0;
  for (let position = 0; position < promptTokens; runs++) {
    const tokens = chunk.tokens;
    const ms = tokens * msPerToken(position);
    chunk.observe(tokens, ms);
    longest = Math.max(longest, ms);
    position += tokens;
  }
  return { longest, runs };
}

describe('ChunkLength', () => {
  it('keeps runs at about 150 ms where the machine allows, also as the context grows', () => {
    for (const base of [0.3, 0.8, 1.5, 3, 4.5]) {
      const { longest } = simulate((position) => base * (1 + position / 4000), 2000);
      assert.ok(longest <= 157, `${longest} ms at ${base} ms a token`);
    }
  });

  it('uses most of that time, so that a fast machine is not held up by many short runs', () => {
    assert.ok(simulate(() => 1, 2000).runs <= 20);
    assert.ok(simulate(() => 0.2, 2000).runs <= 10);
  });

  it('never asks for less than a few tokens, however slow the machine', () => {
    const chunk = new ChunkLength();
    chunk.observe(32, 10_000);
    assert.equal(chunk.tokens, 16);
  });

  it('takes a slowdown seriously at once and recovers after a while', () => {
    const chunk = new ChunkLength();
    chunk.observe(64, 64);
    const before = chunk.tokens;
    chunk.observe(64, 640);
    assert.ok(chunk.tokens < before / 4);
    for (let run = 0; run < 8; run++) chunk.observe(64, 64);
    assert.ok(chunk.tokens >= before - 8);
  });

  it('finds long runs again where each has a fixed cost, whatever the first one took', () => {
    // As with the 1.5B model on a small machine.
    const msOf = (tokens: number): number => 65 + 1.5 * tokens;
    const chunk = new ChunkLength();
    chunk.observe(32, 400);
    for (let run = 0; run < 24; run++) chunk.observe(chunk.tokens, msOf(chunk.tokens));
    assert.ok(chunk.tokens >= 40, `${chunk.tokens} tokens`);
    assert.ok(msOf(chunk.tokens) <= 150);
  });

  it('learns nothing from runs of a few tokens', () => {
    const chunk = new ChunkLength();
    const before = chunk.tokens;
    chunk.observe(2, 60);
    assert.equal(chunk.tokens, before);
  });
});
