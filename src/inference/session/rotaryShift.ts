/**
 * Moves keys to other positions. Rotary embedding turns each pair of a key (half a head apart) by an angle in
 * proportion to its position, so a key computed at one position becomes that of another by turning it further; for the
 * keys of the first block that is exact, for the others it leaves out that their inputs would have seen other
 * positions.
 */
export class RotaryShift {
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  /**
   * @param by positions, negative to move towards the beginning
   * @param headDim D
   * @param theta base of the frequencies
   */
  constructor(
    by: number,
    private readonly headDim: number,
    theta: number,
  ) {
    const angles = Float64Array.from({ length: headDim / 2 }, (_, i) => by * theta ** ((-2 * i) / headDim));
    this.#cos = angles.map(Math.cos);
    this.#sin = angles.map(Math.sin);
  }

  /** Turns keys in place. @param keys f32[n, D] */
  apply(keys: Float32Array): void {
    const half = this.headDim / 2;
    for (let start = 0; start < keys.length; start += this.headDim) {
      for (let i = 0; i < half; i++) {
        const x = keys[start + i] as number;
        const y = keys[start + half + i] as number;
        const cos = this.#cos[i] as number;
        const sin = this.#sin[i] as number;
        keys[start + i] = x * cos - y * sin;
        keys[start + half + i] = y * cos + x * sin;
      }
    }
  }
}
