import { isUtf8 } from 'node:buffer';
import { corrupt } from './ggufErrors';

/** Positional access to the bytes of a model file; a test can stand in with bytes in memory. */
export interface ByteSource {
  /** Bytes in the whole file. */
  readonly size: number;
  /** Reads at `position` into `target`; resolves to the number of bytes read, 0 at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
}

/** Bytes fetched per read: the header of a real model (6 MB) then takes six reads. */
const CHUNK_BYTES = 1024 * 1024;

/** Real headers are 1 to 30 MB (vocabulary and merges); beyond this it is an attack or damage. Bounds memory. */
export const MAX_HEADER_BYTES = 128 * 1024 * 1024;

/**
 * Reads little-endian values from the start of a file, one after the other, through a window of bytes.
 *
 * The calls come in pairs, `if (!r.has(n)) await r.fill(n)` and then a synchronous read: a header holds about 300,000
 * strings, and one promise for each would cost more than the reading. Nothing is allocated for a length that the
 * file cannot hold: `fill` and `length64` check it against the bytes left first.
 */
export class HeaderReader {
  readonly #source: ByteSource;
  #window: Buffer;
  /** First unread and first invalid byte of the window. */
  #next = 0;
  #end = 0;
  /** File position of the window's byte 0. */
  #origin = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#window = Buffer.alloc(Math.min(CHUNK_BYTES, source.size));
  }

  /** File position of the next unread byte. */
  get position(): number {
    return this.#origin + this.#next;
  }

  /** Bytes between the next unread one and the end of the file. */
  get bytesLeft(): number {
    return this.#source.size - this.position;
  }

  /** Whether `count` bytes can be read without waiting. */
  has(count: number): boolean {
    return this.#end - this.#next >= count;
  }

  /**
   * Waits until `count` bytes can be read.
   *
   * @throws EngineError `model-corrupt` if the file has fewer
   */
  async fill(count: number): Promise<void> {
    this.requireBytes(count);
    if (this.has(count)) return;
    const target = count > this.#window.length ? Buffer.alloc(count) : this.#window;
    this.#window.copy(target, 0, this.#next, this.#end);
    this.#window = target;
    this.#origin += this.#next;
    this.#end -= this.#next;
    this.#next = 0;
    while (this.#end < this.#window.length) {
      const read = await this.#source.read(this.#window.subarray(this.#end), this.#origin + this.#end);
      if (read === 0) break;
      this.#end += read;
    }
    // The file may have shrunk since its size was taken.
    if (!this.has(count)) throw tooShort(this.position + count, this.#origin + this.#end);
  }

  /** @throws EngineError `model-corrupt` if fewer than `count` bytes are left, or more than a header may have */
  requireBytes(count: number): void {
    if (count > this.bytesLeft) throw tooShort(this.position + count, this.#source.size);
    if (this.position + count > MAX_HEADER_BYTES) {
      throw corrupt(`The model file is damaged: its header is larger than ${MAX_HEADER_BYTES} bytes.`);
    }
  }

  /** The next bytes without taking them: `count`, or as many as the file still has. Valid until the next call. */
  async peek(count: number): Promise<Uint8Array> {
    const available = Math.min(count, this.bytesLeft);
    await this.fill(available);
    return this.#window.subarray(this.#next, this.#next + available);
  }

  u8(): number {
    return this.#window.readUInt8(this.#advance(1));
  }

  i8(): number {
    return this.#window.readInt8(this.#advance(1));
  }

  u16(): number {
    return this.#window.readUInt16LE(this.#advance(2));
  }

  i16(): number {
    return this.#window.readInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#window.readUInt32LE(this.#advance(4));
  }

  i32(): number {
    return this.#window.readInt32LE(this.#advance(4));
  }

  f32(): number {
    return this.#window.readFloatLE(this.#advance(4));
  }

  f64(): number {
    return this.#window.readDoubleLE(this.#advance(8));
  }

  u64(): bigint {
    return this.#window.readBigUInt64LE(this.#advance(8));
  }

  i64(): bigint {
    return this.#window.readBigInt64LE(this.#advance(8));
  }

  /** A u64 as a number: exact up to 2^53, and above that still large enough to fail every bounds check. */
  u64AsNumber(): number {
    const at = this.#advance(8);
    return this.#window.readUInt32LE(at) + this.#window.readUInt32LE(at + 4) * 2 ** 32;
  }

  /**
   * A string with its length before it, if the window holds all of it and it has at most `maxBytes`; otherwise
   * nothing is read. Saves a promise for each of a vocabulary's strings.
   *
   * @throws EngineError `model-corrupt` where the bytes are not UTF-8
   */
  stringInWindow(maxBytes: number): string | undefined {
    if (!this.has(8)) return undefined;
    const start = this.#next;
    const bytes = this.u64AsNumber();
    if (bytes <= maxBytes && this.has(bytes)) return this.utf8(bytes);
    this.#next = start;
    return undefined;
  }

  /** `count` bytes of UTF-8 as text. @throws EngineError `model-corrupt` where they are not UTF-8 */
  utf8(count: number): string {
    const at = this.#advance(count);
    const text = this.#window.toString('utf8', at, at + count);
    // Decoding never fails, it puts U+FFFD; only where one appears can the bytes be invalid.
    if (text.includes('\uFFFD') && !isUtf8(this.#window.subarray(at, at + count))) {
      throw corrupt(`The model file is damaged: the text at byte ${this.#origin + at} is not UTF-8.`);
    }
    return text;
  }

  /** Fills `target` from the file, in chunks. @throws EngineError `model-corrupt` if the file has fewer bytes */
  async bytes(target: Uint8Array): Promise<void> {
    this.requireBytes(target.length);
    for (let done = 0; done < target.length;) {
      if (!this.has(1)) await this.fill(1);
      const count = Math.min(this.#end - this.#next, target.length - done);
      const at = this.#advance(count);
      target.set(this.#window.subarray(at, at + count), done);
      done += count;
    }
  }

  #advance(count: number): number {
    const at = this.#next;
    this.#next += count;
    return at;
  }
}

function tooShort(needed: number, size: number): Error {
  return corrupt(
    `The model file is cut short or damaged: it needs at least ${needed} bytes and has ${size}. ` +
      'Was its download interrupted?',
    { neededBytes: needed, fileBytes: size },
  );
}
