import assert from 'node:assert/strict';
import { parseLlamaBench } from '../../bench/llamaBench';

describe('output of llama-bench', () => {
  it('gives milliseconds of each repetition', () => {
    const json = '[{"n_prompt": 512, "avg_ns": 2500000, "samples_ns": [ 2000000, 3000000 ]}]';
    assert.deepEqual(parseLlamaBench(json), [2, 3]);
  });

  it('is refused when it has no test, several, or no samples', () => {
    assert.throws(() => parseLlamaBench('[]'), /0 tests/);
    assert.throws(() => parseLlamaBench('[{"samples_ns": [1]}, {"samples_ns": [2]}]'), /2 tests/);
    assert.throws(() => parseLlamaBench('[{"avg_ns": 2}]'), /no samples/);
  });
});
