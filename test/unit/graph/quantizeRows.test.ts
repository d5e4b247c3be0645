import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EngineError } from '../../../src/inference/errors';
import { quantizeRowsTransposed } from '../../../src/inference/graph/quantizeRows';

const COLUMNS = 8;

describe('quantizeRowsTransposed', () => {
  for (const levels of [127, 63]) {
    it(`is off by at most half a step of ${levels}, in the transposed place`, () => {
      const row = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), {
        minLength: COLUMNS,
        maxLength: COLUMNS,
      });
      fc.assert(
        fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.nat(3), (matrix, at) => {
          const stride = at + matrix.length + 1;
          const target = new Int8Array(COLUMNS * stride).fill(99);
          const scales = new Float32Array(stride);
          quantizeRowsTransposed(
            Float32Array.from(matrix.flat()),
            COLUMNS,
            levels,
            target,
            stride,
            at,
            scales,
          );
          matrix.forEach((values, index) => {
            const scale = scales[at + index] as number;
            values.forEach((expected, column) => {
              const q = target[column * stride + at + index] as number;
              assert.ok(Math.abs(q) <= levels);
              assert.ok(Math.abs(q * scale - expected) <= scale * 0.5001 + 1e-37);
            });
          });
          const untouched = [...target].filter(
            (_, place) => place % stride < at || place % stride === stride - 1,
          );
          assert.ok(untouched.every((value) => value === 99));
        }),
      );
    });
  }

  it('gives zeros a usable scale', () => {
    const target = new Int8Array(COLUMNS);
    const scales = new Float32Array(1);
    quantizeRowsTransposed(new Float32Array(COLUMNS), COLUMNS, 127, target, 1, 0, scales);
    assert.deepEqual([...target], Array(COLUMNS).fill(0));
    assert.equal(scales[0], 1);
  });

  it('refuses numbers that are not finite', () => {
    for (const bad of [NaN, Infinity]) {
      const x = new Float32Array(COLUMNS).fill(1);
      x[3] = bad;
      assert.throws(
        () => quantizeRowsTransposed(x, COLUMNS, 127, new Int8Array(COLUMNS), 1, 0, new Float32Array(1)),
        (error: unknown) => error instanceof EngineError && error.code === 'model-corrupt',
      );
    }
  });
});
