import assert from 'node:assert/strict';
import { ChunkLength } from '../../../src/inference/session/chunkLength';

/** What a run costs besides its tokens, in tokens: half of what is assumed. */
const FIXED = 10;

/** Feeds runs of a machine that takes so many milliseconds for a token behind a context. @returns the longest run but the first */
function simulate(
  msPerToken: (position: number) => number,
  promptTokens: number,
): { longest: number; runs: number } {
  const chunk = new ChunkLength();
  let longest = 0;
  let runs = 0;
  for (let position = 0; position < promptTokens; runs++) {
    const tokens = chunk.tokens;
    const ms = (tokens + FIXED) * msPerToken(position);
    chunk.observe(tokens, ms);
    if (runs > 0) longest = Math.max(longest, ms);
    position += tokens;
  }
  return { longest, runs };
}

/** Knows one run of so many tokens in so many milliseconds. */
function observed(tokens: number, ms: number): ChunkLength {
  const chunk = new ChunkLength();
  chunk.observe(tokens, ms);
  return chunk;
}

/** How so many tokens are divided. */
function runsOf(chunk: ChunkLength, tokens: number): number[] {
  const runs: number[] = [];
  for (let left = tokens; left > 0; left -= runs.at(-1) ?? left) runs.push(chunk.next(left));
  return runs;
}

describe('ChunkLength', () => {
  it('keeps runs at about 150 ms where the machine allows, also as the context grows', () => {
    for (const base of [0.3, 0.8, 1.1]) {
      const { longest } = simulate((position) => base * (1 + position / 4000), 2000);
      assert.ok(longest <= 158, `${longest} ms at ${base} ms a token`);
    }
  });

  it('gives slower ones up to twice as long, for as many tokens as a run needs to be worth its fixed cost', () => {
    assert.equal(observed(64, 84 * 2).tokens, 64);
    assert.equal(observed(64, 84 * 3).tokens, 64);
    for (const base of [1.5, 2.3, 3, 3.6, 6]) {
      const { longest } = simulate((position) => base * (1 + position / 4000), 2000);
      assert.ok(longest <= 2 * 158, `${longest} ms at ${base} ms a token`);
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

  it('is not made to hurry by runs that are a little slower than those around them', () => {
    const msOf = (tokens: number): number => 16 + 0.95 * tokens;
    const chunk = observed(128, msOf(128));
    for (let run = 0; run < 20; run++) {
      chunk.observe(128, msOf(128) * (run % 2 === 0 ? 1.1 : 1));
      assert.ok(chunk.tokens >= 112, `${chunk.tokens} tokens after run ${run}`);
    }
  });

  it('finds long runs again where each has a fixed cost, whatever the first one took', () => {
    // As with the 1.5B model on a small machine.
    const msOf = (tokens: number): number => 65 + 1.5 * tokens;
    const chunk = new ChunkLength();
    chunk.observe(32, 400);
    for (let run = 0; run < 24; run++) chunk.observe(chunk.tokens, msOf(chunk.tokens));
    assert.equal(chunk.tokens, 64);
  });

  it('learns nothing from runs of a few tokens', () => {
    const chunk = new ChunkLength();
    const before = chunk.tokens;
    chunk.observe(2, 60);
    assert.equal(chunk.tokens, before);
  });

  it('takes short runs for neither slow nor fast ones by what a run costs besides', () => {
    const msOf = (tokens: number): number => 17 + 0.8 * tokens;
    const chunk = observed(128, msOf(128));
    const before = chunk.tokens;
    for (let run = 0; run < 8; run++) chunk.observe(20, msOf(20));
    assert.ok(Math.abs(chunk.tokens - before) <= 8, `${chunk.tokens} tokens after ${before}`);
    // All of the time goes into tokens: twenty seem to take but half of it each.
    const even = observed(96, 96 * 1.5);
    for (let run = 0; run < 8; run++) even.observe(20, 20 * 1.5);
    assert.ok(even.tokens <= 96, `${even.tokens} tokens`);
  });

  it('grows step by step, so that what the first runs seem to say is seen before it is relied on', () => {
    const chunk = observed(32, 32);
    assert.equal(chunk.tokens, 64);
    chunk.observe(64, 64);
    assert.equal(chunk.tokens, 128);
  });

  it('divides what is left into as few runs as fit, of about equal length', () => {
    const chunk = observed(128, 140);
    assert.equal(chunk.tokens, 128);
    assert.deepEqual(runsOf(chunk, 253), [128, 125]);
    assert.deepEqual(runsOf(chunk, 128), [128]);
    assert.deepEqual(runsOf(chunk, 136), [72, 64]);
    assert.deepEqual(runsOf(chunk, 512), [128, 128, 128, 128]);
    assert.deepEqual(runsOf(chunk, 5), [5]);
  });

  it('leaves no single token for a last run', () => {
    const chunk = observed(128, 140);
    assert.deepEqual(runsOf(chunk, 129), [72, 57]);
    const slow = observed(32, 10_000);
    assert.deepEqual(runsOf(slow, 17), [17]);
    for (let left = 2; left < 600; left++) {
      for (const each of [chunk, slow]) {
        const runs = runsOf(each, left);
        assert.equal(
          runs.reduce((sum, run) => sum + run, 0),
          left,
        );
        assert.ok(Math.min(...runs) > 1, `${left} tokens in ${runs.join(', ')}`);
        assert.ok(Math.max(...runs) <= each.tokens + 1, `${left} tokens in ${runs.join(', ')}`);
      }
    }
  });
});
