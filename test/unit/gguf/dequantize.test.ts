import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BLOCK_SIZES, bytesOf, dequantize } from '../../../src/inference/gguf/dequantize';
import { TENSOR_TYPES, type TensorType } from '../../../src/inference/gguf/types';

type Samples = Readonly<Record<TensorType, { readonly blocks: string; readonly expected: string }>>;

/** Bit patterns, with every NaN made the same: a NaN's sign and payload depend on the processor. */
function bitsOf(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  return bits.map((pattern, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : pattern));
}

/** The bytes at an odd offset of a larger buffer, as a tensor's may lie in a chunk that was read. */
function misaligned(bytes: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  return shifted.subarray(1);
}

describe('dequantize', () => {
  let samples: Samples;
  before(() => {
    samples = JSON.parse(readFileSync('test/fixtures/gguf/quant-samples.json', 'utf8')) as Samples;
  });

  for (const type of TENSOR_TYPES) {
    it(`gives the reference's bits for ${type}`, () => {
      const blocks = new Uint8Array(Buffer.from(samples[type].blocks, 'base64'));
      const expected = new Float32Array(new Uint8Array(Buffer.from(samples[type].expected, 'base64')).buffer);
      assert.equal(expected.length, 3072);
      const out = new Float32Array(expected.length).fill(77);
      dequantize(type, blocks, out);
      assert.deepEqual(bitsOf(out), bitsOf(expected));
      const again = new Float32Array(expected.length + 3).fill(77);
      dequantize(type, misaligned(blocks), again.subarray(1, 1 + expected.length));
      assert.deepEqual(bitsOf(again.subarray(1, 1 + expected.length)), bitsOf(expected));
      assert.deepEqual([again[0], again.at(-2), again.at(-1)], [77, 77, 77]);
    });
  }

  it('keeps the sign of zero', () => {
    const block = new Uint8Array(34);
    block.set([0x00, 0xbc], 0); // scale -1
    block[2] = 0;
    block[3] = 5;
    const out = new Float32Array(32);
    dequantize('Q8_0', block, out);
    assert.ok(Object.is(out[0], -0));
    assert.equal(out[1], -5);
  });

  it('decodes every half-precision pattern by the definition of the format', () => {
    const bytes = new Uint8Array(65_536 * 2);
    for (let bits = 0; bits < 65_536; bits++) bytes.set([bits & 0xff, bits >> 8], bits * 2);
    const out = new Float32Array(65_536);
    dequantize('F16', bytes, out);
    for (let bits = 0; bits < 0x8000; bits++) {
      const value = out[bits] ?? 0;
      if (bits > 0x7c00) assert.ok(Number.isNaN(value) && Number.isNaN(out[bits | 0x8000]));
      else assert.ok(Object.is(out[bits | 0x8000], -value));
      // Finite halves grow with their bit pattern, by one unit of the exponent's last place each.
      const step = 2 ** (Math.max(bits >> 10, 1) - 25);
      if (bits < 0x7bff) assert.equal((out[bits + 1] ?? 0) - value, step);
    }
    assert.deepEqual([out[0], out[0x3c00], out[0x7bff], out[0x7c00]], [0, 1, 65_504, Infinity]);
  });

  it('decodes nothing from nothing', () => {
    for (const type of TENSOR_TYPES) dequantize(type, new Uint8Array(0), new Float32Array(0));
  });

  it('refuses bytes that do not hold exactly the wanted values', () => {
    for (const type of TENSOR_TYPES) {
      const { elements, bytes } = BLOCK_SIZES[type];
      for (const wrong of [bytes * 2 - 1, bytes * 2 + 1, bytes, bytes * 3, 0]) {
        const out = new Float32Array(elements * 2);
        assert.throws(() => dequantize(type, new Uint8Array(wrong), out), {
          code: 'model-corrupt',
          message: `${elements * 2} values of ${type} take ${bytes * 2} bytes, not ${wrong}.`,
        });
      }
    }
  });
});

describe('bytesOf', () => {
  it('gives the sizes of the format', () => {
    const sizes = TENSOR_TYPES.map((type) => [type, bytesOf(type, 512)]);
    assert.deepEqual(Object.fromEntries(sizes), {
      F32: 2048,
      F16: 1024,
      Q8_0: 544,
      Q5_0: 352,
      Q4_K: 288,
      Q6_K: 420,
    });
  });

  it('refuses part of a block', () => {
    assert.throws(() => bytesOf('Q4_K', 255), { code: 'model-corrupt' });
    assert.throws(() => bytesOf('Q5_0', 33), { code: 'model-corrupt' });
    for (const count of [-1, 0.5, NaN, Infinity, 2 ** 60]) {
      assert.throws(() => bytesOf('F32', count), { code: 'model-corrupt' }, String(count));
    }
  });
});
