/**
 * Keys and values of the tokens evaluated so far, as plain memory of ours: per layer f32[NKV, C, D] for keys
 * (already rotated) and values (NKV KV heads, C capacity in tokens, D head size). The runtime reads these buffers
 * without copying them and returns only the rows of new tokens, which are written in here ("delta KV").
 */

export interface KvCacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Upper bound on tokens held. */
  readonly maxTokens: number;
}

/** Tokens that the first allocation holds; capacity then doubles. */
const FIRST_CAPACITY = 512;

export class KvCache {
  /** Ids of the tokens whose keys and values are held, in order. */
  readonly #tokens: number[] = [];
  #capacity: number;
  #keys: Float32Array[];
  #values: Float32Array[];

  constructor(readonly shape: KvCacheShape) {
    this.#capacity = Math.min(FIRST_CAPACITY, shape.maxTokens);
    this.#keys = this.#allocate();
    this.#values = this.#allocate();
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** C: tokens that fit before the buffers are reallocated. */
  get capacity(): number {
    return this.#capacity;
  }

  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** f32[NKV, C, D] of one layer. Valid until `reserve` grows the cache. */
  keys(layer: number): Float32Array {
    return this.#keys[layer] as Float32Array;
  }

  /** f32[NKV, C, D] of one layer. Valid until `reserve` grows the cache. */
  values(layer: number): Float32Array {
    return this.#values[layer] as Float32Array;
  }

  /** Number of tokens at the beginning that `ids` and the cache have in common. */
  commonPrefix(ids: readonly number[]): number {
    const end = Math.min(ids.length, this.#tokens.length);
    let same = 0;
    while (same < end && ids[same] === this.#tokens[same]) same++;
    return same;
  }

  /** Forgets all tokens from `length` on. Nothing is copied: later rows are simply overwritten. */
  truncate(length: number): void {
    if (length < 0 || length > this.#tokens.length)
      throw new RangeError(`cannot truncate ${this.length} to ${length}`);
    this.#tokens.length = length;
  }

  /**
   * Makes room for `tokens` in all, keeping what is held.
   * @returns whether the buffers moved
   * @throws RangeError above `maxTokens`
   */
  reserve(tokens: number): boolean {
    const { maxTokens, kvHeads, headDim } = this.shape;
    if (tokens > maxTokens)
      throw new RangeError(`${tokens} tokens do not fit a KV cache of at most ${maxTokens}`);
    if (tokens <= this.#capacity) return false;
    const before = this.#capacity;
    while (this.#capacity < tokens) this.#capacity = Math.min(2 * this.#capacity, maxTokens);
    const held = this.length * headDim;
    const grow = (old: Float32Array): Float32Array => {
      const grown = new Float32Array(kvHeads * this.#capacity * headDim);
      for (let head = 0; head < kvHeads; head++) {
        const from = head * before * headDim;
        grown.set(old.subarray(from, from + held), head * this.#capacity * headDim);
      }
      return grown;
    };
    this.#keys = this.#keys.map(grow);
    this.#values = this.#values.map(grow);
    return true;
  }

  /**
   * Appends tokens with their rows.
   * @param ids S new tokens; room must have been reserved
   * @param rows per layer, keys and values f32[NKV, S, D]
   */
  append(
    ids: readonly number[],
    rows: (layer: number) => { keys: Float32Array; values: Float32Array },
  ): void {
    const { layers, kvHeads, headDim } = this.shape;
    if (this.length + ids.length > this.#capacity) throw new RangeError('append without reserve');
    const count = ids.length * headDim;
    for (let layer = 0; layer < layers; layer++) {
      const { keys, values } = rows(layer);
      for (let head = 0; head < kvHeads; head++) {
        const to = (head * this.#capacity + this.length) * headDim;
        this.keys(layer).set(keys.subarray(head * count, (head + 1) * count), to);
        this.values(layer).set(values.subarray(head * count, (head + 1) * count), to);
      }
    }
    for (const id of ids) this.#tokens.push(id);
  }

  #allocate(): Float32Array[] {
    const { layers, kvHeads, headDim } = this.shape;
    return Array.from({ length: layers }, () => new Float32Array(kvHeads * this.#capacity * headDim));
  }
}
