/**
 * Cosines or sines of rotary position embedding (Su et al., RoFormer, 2021) for half-split pairs:
 * entry [p, i] is that of p * theta^(-2i / headDim).
 * @returns bytes of f32[positions, headDim / 2]; computed in f64, rounded once
 */
export function rotaryTable(
  kind: 'cos' | 'sin',
  positions: number,
  headDim: number,
  theta: number,
): Uint8Array {
  const half = headDim / 2;
  const frequencies = Float64Array.from({ length: half }, (_, i) => theta ** ((-2 * i) / headDim));
  const table = new Float32Array(positions * half);
  const f = kind === 'cos' ? Math.cos : Math.sin;
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) table[position * half + i] = f(position * (frequencies[i] as number));
  }
  return new Uint8Array(table.buffer);
}
