/**
 * Keys and values of the tokens evaluated so far, as plain memory of ours: per layer f32[NKV, C, D] for keys
 * (already rotated by position) and values (NKV KV heads, C capacity in tokens, D head size). The runtime reads these
 * buffers without copying them and returns only the rows of new tokens, which are written in here ("delta KV").
 */
import { commonStart } from './commonTokens';
import { RotaryShift } from './rotaryShift';

export interface KvCacheShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** Upper bound on tokens held. */
  readonly maxTokens: number;
}

/** Keys and values of neighbouring tokens, taken out of a cache; unaffected by what happens there later. */
export interface KvSnapshot {
  readonly tokens: readonly number[];
  /** Position of the first token. */
  readonly start: number;
  /** As `KvCache.exactLength`: tokens at the beginning whose state is that of a straight run. */
  readonly exactTokens: number;
  /** Per layer f32[NKV, tokens.length, D], rotated for the positions from `start` on. */
  readonly keys: readonly Float32Array[];
  /** Per layer f32[NKV, tokens.length, D]. */
  readonly values: readonly Float32Array[];
}

/** Keys and values of new tokens, f32[NKV, S, D], by layer. */
export type KvRows = (layer: number) => { readonly keys: Float32Array; readonly values: Float32Array };

/**
 * Capacity grows in steps of so many tokens. The attention operator copies and clears the whole capacity at every
 * run (about 1 ms for 256 tokens of the 0.5B model), so it is kept close to what is needed.
 */
const CAPACITY_STEP = 64;

/** Unused capacity above this is given back by `fit`. */
const MAX_SLACK = 256;

/** Bytes that one token takes. */
export const kvBytesPerToken = ({ layers, kvHeads, headDim }: Omit<KvCacheShape, 'maxTokens'>): number =>
  2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;

export class KvCache {
  /** Ids of the tokens whose keys and values are held, in order. */
  readonly #tokens: number[] = [];
  #exactLength = 0;
  #capacity: number;
  #keys: Float32Array[];
  #values: Float32Array[];

  constructor(readonly shape: KvCacheShape) {
    this.#capacity = Math.min(CAPACITY_STEP, shape.maxTokens);
    this.#keys = this.#allocate();
    this.#values = this.#allocate();
  }

  get length(): number {
    return this.#tokens.length;
  }

  /**
   * Tokens at the beginning whose keys and values are those of a straight run over the tokens held. Behind a range
   * that was moved here nothing is: it was evaluated behind other tokens, and what followed has seen it.
   */
  get exactLength(): number {
    return this.#exactLength;
  }

  /** C: tokens that fit before the buffers are reallocated. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Memory taken, in bytes. */
  get byteLength(): number {
    return this.#capacity * kvBytesPerToken(this.shape);
  }

  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** f32[NKV, C, D] of one layer. Valid until the capacity changes. */
  keys(layer: number): Float32Array {
    return this.#keys[layer] as Float32Array;
  }

  /** f32[NKV, C, D] of one layer. Valid until the capacity changes. */
  values(layer: number): Float32Array {
    return this.#values[layer] as Float32Array;
  }

  /** Number of tokens at the beginning that `ids` and the cache have in common. */
  commonPrefix(ids: readonly number[]): number {
    return commonStart(ids, this.#tokens);
  }

  /** Forgets all tokens from `length` on. Nothing is copied: later rows are simply overwritten. */
  truncate(length: number): void {
    this.#checkRange(length, this.length);
    this.#tokens.length = length;
    this.#exactLength = Math.min(this.#exactLength, length);
  }

  /**
   * Makes room for `tokens` in all, keeping what is held.
   * @returns whether the buffers moved
   * @throws RangeError above `maxTokens`
   */
  reserve(tokens: number): boolean {
    if (tokens > this.shape.maxTokens)
      throw new RangeError(`${tokens} tokens do not fit a KV cache of at most ${this.shape.maxTokens}`);
    if (tokens <= this.#capacity) return false;
    this.#resize(tokens);
    return true;
  }

  /** Room for `tokens` in all and little more: grows as `reserve` does, and gives back what is far too much. */
  fit(tokens: number): void {
    const wanted = Math.max(tokens, this.length);
    if (!this.reserve(wanted) && this.#capacity - wanted > MAX_SLACK) this.#resize(wanted);
  }

  /**
   * Appends tokens with their rows.
   * @param ids S new tokens; room must have been reserved
   * @param rows per layer, keys and values f32[NKV, S, D]
   */
  append(ids: readonly number[], rows: KvRows): void {
    const exact = this.#exactLength === this.length;
    this.#write(ids, rows);
    if (exact) this.#exactLength = this.length;
  }

  /** Copies the tokens [from, to) out. @throws RangeError outside what is held */
  snapshot(from: number, to: number): KvSnapshot {
    this.#checkRange(from, to);
    const { kvHeads, headDim } = this.shape;
    const count = (to - from) * headDim;
    const take = (buffer: Float32Array): Float32Array => {
      const rows = new Float32Array(kvHeads * count);
      for (let head = 0; head < kvHeads; head++) {
        const at = (head * this.#capacity + from) * headDim;
        rows.set(buffer.subarray(at, at + count), head * count);
      }
      return rows;
    };
    return {
      tokens: this.#tokens.slice(from, to),
      start: from,
      exactTokens: Math.min(to, Math.max(from, this.#exactLength)) - from,
      keys: this.#keys.map(take),
      values: this.#values.map(take),
    };
  }

  /**
   * Appends a snapshot, or its end, behind what is held; its keys are turned to their new positions, which shifts the
   * range.
   * @param from index into the snapshot of the first token to be appended
   * @param position of that token, where others are still to come before it
   * @throws RangeError above `maxTokens`, or outside the snapshot
   */
  appendSnapshot(snapshot: KvSnapshot, from = 0, position = this.length): void {
    const { tokens, start, exactTokens } = snapshot;
    if (!(from >= 0 && from <= tokens.length)) throw new RangeError(`no ${from} in ${tokens.length} tokens`);
    this.reserve(this.length + tokens.length - from);
    const isBeginning = this.length === 0 && start + from === 0;
    const shift = this.#shiftBy(position - (start + from));
    this.#write(tokens.slice(from), (layer) => {
      const keys = this.#rowsFrom(snapshot.keys[layer] as Float32Array, from);
      return {
        keys: shift === undefined ? keys : shifted(keys, shift),
        values: this.#rowsFrom(snapshot.values[layer] as Float32Array, from),
      };
    });
    if (isBeginning) this.#exactLength = exactTokens;
  }

  /**
   * Replaces the tokens [from, to) by those of a snapshot, or by nothing. What stands behind moves, its keys turned
   * to their new positions.
   * @throws RangeError outside what is held, or above `maxTokens`; the cache is then as before
   */
  splice(from: number, to: number, replacement?: KvSnapshot): void {
    this.#checkRange(from, to);
    this.reserve(this.length - (to - from) + (replacement?.tokens.length ?? 0));
    const rest = this.snapshot(to, this.length);
    this.truncate(from);
    if (replacement !== undefined) this.appendSnapshot(replacement);
    this.appendSnapshot(rest);
  }

  /**
   * Exchanges the neighbouring ranges [from, middle) and [middle, to) as they are: keys are not turned, so they must have
   * been evaluated for where they come to stand.
   * @param isExact whether the second range has seen nothing of the first one
   * @throws RangeError outside what is held
   */
  exchange(from: number, middle: number, to: number, isExact: boolean): void {
    this.#checkRange(from, middle);
    this.#checkRange(middle, to);
    const second = this.#tokens.slice(middle, to);
    this.#tokens.splice(middle, second.length);
    this.#tokens.splice(from, 0, ...second);
    const { kvHeads, headDim } = this.shape;
    for (const buffer of [...this.#keys, ...this.#values]) {
      for (let head = 0; head < kvHeads; head++) {
        const at = (token: number): number => (head * this.#capacity + token) * headDim;
        const moved = buffer.slice(at(middle), at(to));
        buffer.copyWithin(at(from + to - middle), at(from), at(middle));
        buffer.set(moved, at(from));
      }
    }
    if (this.#exactLength >= from) this.#exactLength = from + (isExact ? to - middle : 0);
  }

  #write(ids: readonly number[], rows: KvRows): void {
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

  /** The rows from a token on, f32[NKV, n, D]: the same memory where those are all. */
  #rowsFrom(rows: Float32Array, from: number): Float32Array {
    if (from === 0) return rows;
    const { kvHeads, headDim } = this.shape;
    const [all, skipped] = [rows.length / kvHeads, from * headDim];
    const rest = new Float32Array(rows.length - kvHeads * skipped);
    for (let head = 0; head < kvHeads; head++) {
      rest.set(rows.subarray(head * all + skipped, (head + 1) * all), head * (all - skipped));
    }
    return rest;
  }

  #shiftBy(by: number): RotaryShift | undefined {
    return by === 0 ? undefined : new RotaryShift(by, this.shape.headDim, this.shape.ropeTheta);
  }

  #checkRange(from: number, to: number): void {
    if (!(from >= 0 && from <= to && to <= this.length))
      throw new RangeError(`no range from ${from} to ${to} in ${this.length} tokens`);
  }

  /** New buffers for `tokens`, rounded up, with what is held. */
  #resize(tokens: number): void {
    const { maxTokens, kvHeads, headDim } = this.shape;
    const before = this.#capacity;
    this.#capacity = Math.min(maxTokens, Math.ceil(tokens / CAPACITY_STEP) * CAPACITY_STEP);
    const held = this.length * headDim;
    const move = (old: Float32Array): Float32Array => {
      const moved = new Float32Array(kvHeads * this.#capacity * headDim);
      for (let head = 0; head < kvHeads; head++) {
        const from = head * before * headDim;
        moved.set(old.subarray(from, from + held), head * this.#capacity * headDim);
      }
      return moved;
    };
    this.#keys = this.#keys.map(move);
    this.#values = this.#values.map(move);
  }

  #allocate(): Float32Array[] {
    const { layers, kvHeads, headDim } = this.shape;
    return Array.from({ length: layers }, () => new Float32Array(kvHeads * this.#capacity * headDim));
  }
}

function shifted(keys: Float32Array, shift: RotaryShift): Float32Array {
  const copy = keys.slice();
  shift.apply(copy);
  return copy;
}
