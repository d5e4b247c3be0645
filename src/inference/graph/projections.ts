/** Of which tokens an activation has rows: of all new ones, or of those whose logits are wanted. */
export type Rows = 'new' | 'wanted';

/** The matrices of a decoder block and the head, in one of the forms in which a variant holds them. */
export interface Projections {
  /** Gain of an RMSNorm, f32[H]: the norm's own, or ones where it has been folded into the next matrix. */
  gain(name: string, source: string): string;
  /** Query, key and value of all heads, packed: [1,S,H] to [1,S,(NH+2*NKV)*D]. */
  queryKeyValue(block: number, normed: string): string;
  /** [1,S,H] to [1,S,H], S the number of those rows. */
  attentionOutput(block: number, attended: string, rows: Rows): string;
  /** SwiGLU: [1,S,H] to [1,S,H], S the number of those rows. */
  feedForward(block: number, normed: string, rows: Rows): string;
  /** [1,R,H] to `logits` [1,R,V]. */
  head(rows: string): string;
}
