/**
 * The rotation of the residual stream. RMSNorm commutes with an orthogonal map of the stream once its gain is folded
 * into the next matrix, so the map can be multiplied into all matrices beforehand and costs nothing at run time; what
 * it buys is that no single channel is much larger than the others, so that rows of activations survive 8 bits.
 *
 * Source of the idea: Ashkboos et al., "QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs" (2024); Liu et al.,
 * "SpinQuant" (2024). Here the map of a vector x is: permute, flip signs, Walsh-Hadamard in blocks. Permutation and
 * signs are drawn once from a fixed seed; they keep neighbouring channels, which are often large together, apart.
 */
import { seededRandom } from '../random';
import { hadamardBlockOf, hadamardBlocks } from './hadamard';

/** Wider blocks spread an outlier further, up to where nothing more was gained (128). */
const MAX_BLOCK = 128;

/** Part of what a converted graph means: another seed is another graph version. */
const SEED = 20_241_101;

/** Channels over which the rotation spreads each of `size`. */
export const residualBlockOf = (size: number): number => hadamardBlockOf(size, MAX_BLOCK);

export class ResidualRotation {
  /** Channels that a Hadamard block covers. */
  readonly block: number;
  /** [size]: where entry j of the permuted vector comes from. */
  readonly source: Int32Array;
  /** [size]: 1 or -1 for entry j of the permuted vector. */
  readonly sign: Float32Array;
  #scratch = new Float32Array(0);

  /** @param size channels of the residual stream */
  constructor(readonly size: number) {
    this.block = residualBlockOf(size);
    const random = seededRandom(SEED);
    this.source = Int32Array.from({ length: size }, (_, index) => index);
    // Fisher and Yates.
    for (let last = size - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      const kept = this.source[last] as number;
      this.source[last] = this.source[other] as number;
      this.source[other] = kept;
    }
    this.sign = Float32Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1));
  }

  /**
   * Rotates vectors one behind the other.
   * @param from f32[n, size]
   * @returns f32[n, size], valid until the next call
   */
  apply(from: Float32Array): Float32Array {
    const { size, source, sign } = this;
    if (this.#scratch.length < from.length) this.#scratch = new Float32Array(from.length);
    const to = this.#scratch.subarray(0, from.length);
    for (let start = 0; start < from.length; start += size) {
      for (let j = 0; j < size; j++) {
        to[start + j] = (from[start + (source[j] as number)] as number) * (sign[j] as number);
      }
    }
    hadamardBlocks(to, this.block);
    return to;
  }
}
