/**
 * Which weights a file holds: its SHA-256, computed once and remembered as long as size and date stay the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { writeFileAtomically } from './atomicFile';

/** Reads of 1 MiB keep the hash busy without holding much. */
const READ_BYTES = 1 << 20;

interface Remembered {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

export interface HashOptions {
  readonly onProgress?: (fraction: number) => void;
  readonly isAborted?: () => boolean;
}

/** SHA-256 of a file as hex. @throws EngineError `aborted`, `model-missing`, `io` */
export async function hashFile(path: string, size: number, options: HashOptions = {}): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  const stream = createReadStream(path, { highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (options.isAborted?.()) throw new EngineError('aborted', 'Checking the model file was cancelled.');
    hash.update(chunk);
    done += chunk.length;
    options.onProgress?.(size === 0 ? 1 : Math.min(1, done / size));
  }
  return hash.digest('hex');
}

/**
 * SHA-256 of a model file, from memory where the file has not changed since.
 * @param cacheDir where it is remembered
 * @throws EngineError `model-missing`, `io`, `aborted`
 */
export async function weightsIdentity(
  path: string,
  cacheDir: string,
  options: HashOptions = {},
): Promise<string> {
  const { size, mtimeMs } = await statModel(path);
  const memory = join(
    cacheDir,
    `identity-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`,
  );
  const known = await recall(memory);
  if (known?.path === path && known.size === size && known.mtimeMs === mtimeMs) return known.sha256;
  const sha256 = await hashFile(path, size, options);
  await mkdir(cacheDir, { recursive: true });
  const remembered: Remembered = { path, size, mtimeMs, sha256 };
  await writeFileAtomically(memory, JSON.stringify(remembered));
  return sha256;
}

async function statModel(path: string): Promise<{ size: number; mtimeMs: number }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new EngineError('model-missing', `${path} is not a file.`, { path });
    return found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new EngineError(
        'model-missing',
        `There is no model file at ${path}.`,
        { path },
        { cause: error },
      );
    }
    throw EngineError.from(error, 'io');
  }
}

/** What was remembered, or nothing: a memory that cannot be read costs a new hash, never an error. */
async function recall(path: string): Promise<Remembered | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Remembered>;
    return typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256)
      ? (value as Remembered)
      : undefined;
  } catch {
    return undefined;
  }
}
