import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  hadamardBlockOf,
  hadamardBlocks,
  hadamardMatrix,
  hadamardRows,
} from '../../../src/inference/graph/hadamard';
import { ResidualRotation } from '../../../src/inference/graph/rotation';

const floats = (length: number) =>
  fc
    .array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

function expectClose(found: Float32Array, expected: ArrayLike<number>): void {
  assert.equal(found.length, expected.length);
  found.forEach((x, i) =>
    assert.ok(Math.abs(x - (expected[i] as number)) < 1e-3, `${i}: ${x}, ${expected[i]}`),
  );
}

/** x [rows, inner] times y [inner, columns]. */
function product(x: Float32Array, y: Float32Array, inner: number): number[] {
  const columns = y.length / inner;
  return Array.from({ length: (x.length / inner) * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    let sum = 0;
    for (let i = 0; i < inner; i++)
      sum += (x[row * inner + i] as number) * (y[i * columns + (at % columns)] as number);
    return sum;
  });
}

describe('Hadamard transforms', () => {
  it('make an orthogonal, symmetric matrix of equal magnitudes', () => {
    for (const size of [1, 2, 32, 128]) {
      const matrix = hadamardMatrix(size);
      matrix.forEach((x, at) => {
        assert.ok(Math.abs(Math.abs(x) - size ** -0.5) < 1e-6);
        assert.equal(x, matrix[(at % size) * size + Math.floor(at / size)]);
      });
      const identity = Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
      expectClose(Float32Array.from(product(matrix, matrix, size)), identity);
    }
  });

  it('multiply blocks along a row, and down the columns, by that matrix', () => {
    fc.assert(
      fc.property(floats(64), (x) => {
        const along = x.slice();
        hadamardBlocks(along, 16);
        expectClose(along, product(x, hadamardMatrix(16), 16));
        const down = x.slice();
        hadamardRows(down, 4, 16);
        expectClose(down, product(hadamardMatrix(16), x, 16));
      }),
    );
  });

  it('take the widest block that divides a size', () => {
    assert.deepEqual(
      [896, 1536, 2048, 3584, 96, 7].map((size) => hadamardBlockOf(size, 128)),
      [128, 128, 128, 128, 32, 1],
    );
  });
});

describe('ResidualRotation', () => {
  it('keeps lengths and angles', () => {
    const rotation = new ResidualRotation(96);
    fc.assert(
      fc.property(floats(96), floats(96), (x, y) => {
        const dot = (a: Float32Array, b: Float32Array) =>
          a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
        const [a, b] = [rotation.apply(x).slice(), rotation.apply(y).slice()];
        const bound = 1e-5 * (1 + Math.sqrt(dot(x, x) * dot(y, y)));
        assert.ok(Math.abs(dot(a, b) - dot(x, y)) <= bound);
      }),
    );
  });

  it('spreads a single large channel over a block', () => {
    const x = new Float32Array(256);
    x[17] = 100;
    const rotated = new ResidualRotation(256).apply(x);
    assert.ok(Math.max(...rotated.map(Math.abs)) < 100 / Math.sqrt(128) + 0.01);
  });

  it('is the same in every process', () => {
    const [first, second] = [new ResidualRotation(128), new ResidualRotation(128)];
    assert.deepEqual(first.source, second.source);
    assert.deepEqual([...first.source.subarray(0, 6)], FIRST_SOURCES);
    assert.deepEqual([...first.sign.subarray(0, 6)], FIRST_SIGNS);
  });
});

/** Part of what a converted graph means: when these change, the graph version must. */
const FIRST_SOURCES = [1, 76, 50, 39, 75, 34];
const FIRST_SIGNS = [1, 1, -1, 1, -1, -1];
