/** SHA-256 of large files, with progress and cancellation. */
import { createHash, type Hash } from 'node:crypto';
import { EngineError } from '../errors';
import { NODE_FILES, type FileLayer, type OpenFile } from './fileLayer';

/** Bytes per read: large enough that the loop costs nothing beside the hash, small enough to cancel at once. */
const READ_BYTES = 4 * 1024 * 1024;

export interface HashWork {
  readonly isAborted?: () => boolean;
  /** `done` and `total` in bytes. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly files?: FileLayer;
}

/**
 * SHA-256 of a file, lower-case hex.
 *
 * @throws EngineError `model-missing` without such a file, `io`, `aborted`
 */
export async function hashFile(path: string, work: HashWork = {}): Promise<string> {
  const handle = await (work.files ?? NODE_FILES).open(path, 'r').catch((error: unknown) => {
    throw missingOrIo(path, error);
  });
  try {
    const hash = createHash('sha256');
    await hashOpened(handle, hash, work);
    return hash.digest('hex');
  } catch (error) {
    throw EngineError.from(error, 'io');
  } finally {
    await handle.close().catch(() => undefined);
  }
}

/**
 * Feeds an open file to a hash, from its beginning to its end.
 *
 * @returns bytes that were read
 * @throws EngineError `aborted`, or the system's error
 */
export async function hashOpened(file: OpenFile, hash: Hash, work: HashWork = {}): Promise<number> {
  const total = (await file.stat()).size;
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let done = 0; ;) {
    if (work.isAborted?.() === true) throw new EngineError('aborted', 'Checking the file was cancelled.');
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, done);
    if (bytesRead === 0) return done;
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
    work.onProgress?.(done, total);
  }
}

/** What a failure to open or look at a file means: there is none, or it cannot be read. */
export function missingOrIo(path: string, error: unknown): EngineError {
  const wrapped = EngineError.from(error, 'io');
  const missing = wrapped.detail?.['systemCode'] === 'ENOENT' || wrapped.detail?.['systemCode'] === 'ENOTDIR';
  return new EngineError(
    missing ? 'model-missing' : wrapped.code,
    missing ? `There is no file at ${path}.` : wrapped.message,
    { ...wrapped.detail, path },
    { cause: error },
  );
}
