/**
 * Which weights a file holds: its SHA-256, computed once and remembered as long as size and date stay the same.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { hashFile, type HashWork } from './hashFile';
import { readSealed, writeSealed } from './sealedJson';
import { statModelFile } from './statModelFile';
import { lastUncleanEnd } from './uncleanEnd';

export interface Remembered {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly hashedAt: number;
}

/**
 * SHA-256 of a model file, from memory where the file has not changed since and no session has ended uncleanly.
 * @param cacheDir where it is remembered
 * @throws EngineError `model-missing`, `io`, `aborted`
 */
export async function weightsIdentity(path: string, cacheDir: string, work: HashWork = {}): Promise<string> {
  const { files = NODE_FILES } = work;
  const { size, mtimeMs } = await statModelFile(path, undefined, files);
  const known = await rememberedIdentity(path, cacheDir, files);
  const same = known?.size === size && known.mtimeMs === mtimeMs;
  return same && known.hashedAt >= (await lastUncleanEnd(cacheDir, files))
    ? known.sha256
    : freshIdentity(path, cacheDir, work);
}

/**
 * SHA-256 of a model file as it is on the disk now, which is then remembered.
 * @throws EngineError `model-missing`, `io`, `aborted`
 */
export async function freshIdentity(path: string, cacheDir: string, work: HashWork = {}): Promise<string> {
  const { files = NODE_FILES } = work;
  const { size, mtimeMs } = await statModelFile(path, undefined, files);
  const hashedAt = Date.now();
  const sha256 = await hashFile(path, work);
  await rememberIdentity({ path, size, mtimeMs, sha256, hashedAt }, cacheDir, files);
  return sha256;
}

/** Where the sum of a file is remembered. */
export function identityPath(path: string, cacheDir: string): string {
  return join(cacheDir, `identity-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`);
}

/** What was remembered of a file, whether or not it still is so. */
export async function rememberedIdentity(
  path: string,
  cacheDir: string,
  files: FileLayer = NODE_FILES,
): Promise<Remembered | undefined> {
  const known = (await readSealed(identityPath(path, cacheDir), files)) as Partial<Remembered> | undefined;
  const { size, mtimeMs, sha256, hashedAt } = known ?? {};
  if (known?.path !== path || size === undefined || mtimeMs === undefined) return undefined;
  return sha256 === undefined || hashedAt === undefined
    ? undefined
    : { path, size, mtimeMs, sha256, hashedAt };
}

/** Remembers a sum; where that fails, the file is hashed again the next time. */
export async function rememberIdentity(
  remembered: Remembered,
  cacheDir: string,
  files: FileLayer,
): Promise<void> {
  try {
    await files.mkdir(cacheDir, { recursive: true });
    await writeSealed(identityPath(remembered.path, cacheDir), remembered, files);
  } catch {
    // A folder that cannot be written to is no reason not to use the model.
  }
}
