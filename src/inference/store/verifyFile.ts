/** Is this file the one that was promised? SHA-256 of large files, with progress and cancellation. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { EngineError } from '../errors';

/** Bytes per read: large enough that the loop costs nothing beside the hash, small enough to cancel at once. */
const READ_BYTES = 4 * 1024 * 1024;

export interface FileWork {
  readonly signal?: AbortSignal;
  /** `done` and `total` in bytes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * SHA-256 of a file, lower-case hex.
 *
 * @throws EngineError `model-missing` without such a file, `io`, `aborted`
 */
export async function sha256OfFile(path: string, work: FileWork = {}): Promise<string> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw missingOrIo(path, error);
  });
  try {
    const total = (await handle.stat()).size;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let done = 0; ;) {
      throwIfAborted(work.signal);
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

/**
 * Checks that a file has the promised size and SHA-256; the size first, because it costs nothing.
 *
 * @throws EngineError `model-missing` without such a file, `checksum-mismatch`, `io`, `aborted`
 */
export async function verifyFile(
  path: string,
  expected: { readonly bytes?: number; readonly sha256: string },
  work: FileWork = {},
): Promise<void> {
  if (expected.bytes !== undefined) {
    const { size } = await stat(path).catch((error: unknown) => {
      throw missingOrIo(path, error);
    });
    if (size !== expected.bytes) {
      throw new EngineError(
        'checksum-mismatch',
        `The file has ${size} bytes instead of ${expected.bytes}: it is incomplete or another file.`,
        { path, bytes: size, expectedBytes: expected.bytes },
      );
    }
  }
  const sha256 = await sha256OfFile(path, work);
  if (sha256 !== expected.sha256) {
    throw new EngineError('checksum-mismatch', 'The file’s SHA-256 is not the published one.', {
      path,
      sha256,
      expectedSha256: expected.sha256,
    });
  }
}

/** @throws EngineError `aborted` once the signal is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new EngineError('aborted', 'Cancelled.');
}

function missingOrIo(path: string, error: unknown): EngineError {
  const wrapped = EngineError.from(error, 'io');
  const missing = wrapped.detail?.['systemCode'] === 'ENOENT' || wrapped.detail?.['systemCode'] === 'ENOTDIR';
  return new EngineError(
    missing ? 'model-missing' : wrapped.code,
    missing ? `There is no file at ${path}.` : wrapped.message,
    { ...wrapped.detail, path },
    { cause: error },
  );
}
