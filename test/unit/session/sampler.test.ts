import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import { createSampler, greedySampler, without } from '../../../src/inference/session/sampler';

/** Candidates with these probabilities, falling. */
const candidates = (probabilities: readonly number[]) => ({
  logits: Float32Array.from(probabilities, Math.log),
  ids: BigInt64Array.from(probabilities, (_, index) => BigInt(100 + index)),
});

function shares(options: { temperature: number; topK: number; topP: number }, p: number[]): number[] {
  const sample = createSampler({ ...options, seed: 7 }, 64);
  const counts = p.map(() => 0);
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const index = sample(candidates(p)) - 100;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}

const close = (found: number[], expected: number[]): void => {
  // Three standard deviations of a share over 20,000 draws are at most 0.011.
  for (const [index, share] of expected.entries()) {
    assert.ok(
      Math.abs((found[index] ?? 0) - share) < 0.012,
      `${found.join(' ')} against ${expected.join(' ')}`,
    );
  }
};

describe('sampler', () => {
  it('takes the first candidate when greedy', () => {
    assert.equal(greedySampler(candidates([0.5, 0.5])), 100);
  });

  it('draws by the distribution at temperature 1', () => {
    close(shares({ temperature: 1, topK: 64, topP: 1 }, [0.5, 0.3, 0.15, 0.05]), [0.5, 0.3, 0.15, 0.05]);
  });

  it('sharpens by the temperature', () => {
    // p^2 of 0.6 and 0.4, normalised.
    close(shares({ temperature: 0.5, topK: 64, topP: 1 }, [0.6, 0.4]), [0.36 / 0.52, 0.16 / 0.52]);
  });

  it('keeps the k largest', () => {
    close(shares({ temperature: 1, topK: 2, topP: 1 }, [0.5, 0.3, 0.2]), [0.625, 0.375, 0]);
  });

  it('keeps the smallest set that reaches p', () => {
    close(shares({ temperature: 1, topK: 64, topP: 0.7 }, [0.5, 0.3, 0.2]), [0.625, 0.375, 0]);
    close(shares({ temperature: 1, topK: 64, topP: 0.01 }, [0.5, 0.3, 0.2]), [1, 0, 0]);
  });

  it('repeats itself with the same seed, and only then', () => {
    const draw = (seed: number) => {
      const sample = createSampler({ temperature: 1, topK: 4, topP: 1, seed }, 64);
      return Array.from({ length: 40 }, () => sample(candidates([0.25, 0.25, 0.25, 0.25]))).join();
    };
    assert.equal(draw(1), draw(1));
    assert.notEqual(draw(1), draw(2));
  });

  it('refuses options out of range', () => {
    const good = { temperature: 1, topK: 1, topP: 1 };
    for (const wrong of [
      { temperature: 0 },
      { temperature: Number.NaN },
      { temperature: Infinity },
      { topK: 0 },
      { topK: 65 },
      { topK: 1.5 },
      { topP: 0 },
      { topP: 1.1 },
    ]) {
      assert.throws(
        () => createSampler({ ...good, ...wrong }, 64),
        (error: unknown) => error instanceof EngineError && error.code === 'invalid-request',
      );
    }
  });

  it('leaves candidates out, but never all', () => {
    const all = candidates([0.5, 0.3, 0.2]);
    const kept = without(all, (id) => id === 100);
    assert.deepEqual([...kept.ids], [101n, 102n]);
    assert.deepEqual([...kept.logits], [all.logits[1], all.logits[2]]);
    assert.deepEqual(
      without(all, () => true),
      all,
    );
  });
});
