/** SHA-256 of large files, with progress and cancellation. */
import { createHash } from 'node:crypto';
import { EngineError } from '../errors';
import { NODE_FILES, type FileLayer } from './fileLayer';

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
    const total = (await handle.stat()).size;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let done = 0; ;) {
      if (work.isAborted?.() === true) throw new EngineError('aborted', 'Checking the file was cancelled.');
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, done);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
      done += bytesRead;
      work.onProgress?.(done, total);
    }
  } catch (error) {
    throw EngineError.from(error, 'io');
  } finally {
    await handle.close();
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
