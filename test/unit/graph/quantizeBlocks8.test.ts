import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EngineError } from '../../../src/inference/errors';
import { quantizeBlocks8 } from '../../../src/inference/graph/quantizeBlocks8';

const BLOCK = 32;

function quantize(x: Float32Array): { values: Uint8Array; scales: Float32Array } {
  const values = new Uint8Array(x.length);
  const scales = new Float32Array(x.length / BLOCK);
  quantizeBlocks8(x, BLOCK, values, scales);
  return { values, scales };
}

describe('quantizeBlocks8', () => {
  it('is off by at most half a step, and exact at the largest of each block', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(float, { minLength: 64, maxLength: 64 }), (numbers) => {
        const x = Float32Array.from(numbers);
        const { values, scales } = quantize(x);
        for (const [index, expected] of x.entries()) {
          const scale = scales[Math.floor(index / BLOCK)] as number;
          const found = ((values[index] as number) - 128) * scale;
          // Half a step, and a little for the rounding of the scale itself to f32.
          assert.ok(Math.abs(found - expected) <= scale * 0.5001 + 1e-37, `${found} for ${expected}`);
        }
      }),
    );
  });

  it('keeps numbers that are 8-bit steps already', () => {
    const x = Float32Array.from({ length: BLOCK }, (_, index) => (index * 8 - 127) * 0.5);
    x[0] = -127 * 0.5;
    const { values, scales } = quantize(x);
    assert.equal(scales[0], 0.5);
    assert.deepEqual(
      [...values].map((q) => (q - 128) * 0.5),
      [...x],
    );
  });

  it('quantises zeros to zeros', () => {
    const { values, scales } = quantize(new Float32Array(BLOCK));
    assert.ok(values.every((q) => q === 128) && Number.isFinite(scales[0]));
  });

  it('refuses numbers that are not finite', () => {
    for (const wrong of [Number.NaN, Infinity, -Infinity]) {
      const x = new Float32Array(BLOCK);
      x[5] = wrong;
      assert.throws(
        () => quantize(x),
        (error: unknown) => error instanceof EngineError && error.code === 'model-corrupt',
      );
    }
  });
});
