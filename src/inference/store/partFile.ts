/**
 * What has arrived of a download: `<target>.part`, and beside it `<target>.part.json`, which says of what it is a
 * part. It outlives a cancelled download and a killed process; the next download goes on behind its end.
 */
import { createHash, type Hash } from 'node:crypto';
import type { FileLayer, OpenFile } from './fileLayer';
import { hashOpened } from './hashFile';
import { readSealed, writeSealed } from './sealedJson';

/** The whole of which it is a part. */
export interface ExpectedFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

interface PartState extends ExpectedFile {
  readonly url: string;
  /** What the server said of its file's version: a strong ETag, else a date. */
  readonly validator?: string;
}

export const partPath = (target: string): string => `${target}.part`;
export const partStatePath = (target: string): string => `${target}.part.json`;

export class PartFile {
  #received: number;
  #hash: Hash;
  #state: PartState | undefined;

  private constructor(
    private readonly target: string,
    private readonly file: OpenFile,
    private readonly files: FileLayer,
    known: { received: number; hash: Hash; state: PartState | undefined },
  ) {
    this.#received = known.received;
    this.#hash = known.hash;
    this.#state = known.state;
  }

  /**
   * Opens what is there of the file that is expected, and hashes it again; anything else under its name is emptied.
   * @throws the system's error, EngineError `aborted`
   */
  static async open(
    target: string,
    expected: ExpectedFile,
    files: FileLayer,
    isAborted: () => boolean,
  ): Promise<PartFile> {
    const state = await readState(target, files);
    const usable = state?.sha256 === expected.sha256 && state.bytes === expected.bytes;
    const kept = usable ? await files.open(partPath(target), 'r+').catch(() => undefined) : undefined;
    const file = kept ?? (await files.open(partPath(target), 'w+'));
    try {
      const hash = createHash('sha256');
      const received = kept === undefined ? 0 : await hashOpened(file, hash, { isAborted });
      const part = new PartFile(target, file, files, { received, hash, state: usable ? state : undefined });
      if (received > expected.bytes) await part.restart();
      return part;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that are there, from the beginning of the file. */
  get received(): number {
    return this.#received;
  }

  /** SHA-256 of what is there. */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** For `If-Range`: a server whose file is another one by now then sends it whole. */
  validatorFor(url: string): string | undefined {
    return this.#state?.url === url ? this.#state.validator : undefined;
  }

  /** Remembers which file of which server the bytes that follow belong to. */
  async belongsTo(url: string, expected: ExpectedFile, headers: Headers): Promise<void> {
    const etag = headers.get('etag');
    const validator = etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
    const { bytes, sha256 } = expected;
    this.#state = { url, bytes, sha256, ...(validator === null ? {} : { validator }) };
    await writeSealed(partStatePath(this.target), this.#state, this.files);
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await this.file.write(chunk, done, chunk.length - done, this.#received);
      // Hashed as it is written: a write that fails in the middle must not leave the two apart.
      this.#hash.update(chunk.subarray(done, done + bytesWritten));
      this.#received += bytesWritten;
      done += bytesWritten;
    }
  }

  /** Throws away what is there. */
  async restart(): Promise<void> {
    await this.file.truncate(0);
    this.#received = 0;
    this.#hash = createHash('sha256');
  }

  /** Gives the finished file its final name; on disk first, so that a power cut leaves no name without content. */
  async finish(): Promise<void> {
    await this.file.sync();
    await this.file.close();
    await this.files.rename(partPath(this.target), this.target);
    await this.files.rm(partStatePath(this.target), { force: true }).catch(() => undefined);
  }

  /** Leaves what is there for another time. Harmless after `finish`. */
  async close(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }

  /** Removes part and state. */
  async discard(): Promise<void> {
    await this.close();
    await removePart(this.target, this.files);
  }
}

/** Removes what is there of a download. @throws the system's error */
export async function removePart(target: string, files: FileLayer): Promise<void> {
  await files.rm(partPath(target), { force: true });
  await files.rm(partStatePath(target), { force: true });
}

async function readState(target: string, files: FileLayer): Promise<PartState | undefined> {
  const value = (await readSealed(partStatePath(target), files)) as Partial<PartState> | undefined;
  if (value === undefined) return undefined;
  const { url, bytes, sha256, validator } = value;
  if (typeof url !== 'string' || typeof bytes !== 'number' || typeof sha256 !== 'string') return undefined;
  return { url, bytes, sha256, ...(typeof validator === 'string' ? { validator } : {}) };
}
