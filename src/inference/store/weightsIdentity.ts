/**
 * Which weights a file holds: its SHA-256, computed once and remembered as long as size and date stay the same.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { writeFileAtomically } from './atomicFile';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { hashFile, missingOrIo, type HashWork } from './hashFile';

interface Remembered {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/**
 * SHA-256 of a model file, from memory where the file has not changed since.
 * @param cacheDir where it is remembered
 * @throws EngineError `model-missing`, `io`, `aborted`
 */
export async function weightsIdentity(path: string, cacheDir: string, work: HashWork = {}): Promise<string> {
  const { files = NODE_FILES } = work;
  const { size, mtimeMs } = await statModel(path, files);
  const memory = join(
    cacheDir,
    `identity-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`,
  );
  const known = await recall(memory, files);
  if (known?.path === path && known.size === size && known.mtimeMs === mtimeMs) return known.sha256;
  const sha256 = await hashFile(path, work);
  await files.mkdir(cacheDir, { recursive: true });
  const remembered: Remembered = { path, size, mtimeMs, sha256 };
  await writeFileAtomically(memory, JSON.stringify(remembered), files);
  return sha256;
}

async function statModel(path: string, files: FileLayer): Promise<{ size: number; mtimeMs: number }> {
  const found = await files.stat(path).catch((error: unknown) => {
    throw missingOrIo(path, error);
  });
  if (!found.isFile()) throw new EngineError('model-missing', `${path} is not a file.`, { path });
  return found;
}

/** What was remembered, or nothing: a memory that cannot be read costs a new hash, never an error. */
async function recall(path: string, files: FileLayer): Promise<Remembered | undefined> {
  try {
    const value = JSON.parse(await files.readFile(path, 'utf8')) as Partial<Remembered>;
    return typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256)
      ? (value as Remembered)
      : undefined;
  } catch {
    return undefined;
  }
}
