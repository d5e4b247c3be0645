import type { Variant } from '../engine';
import { EngineError } from '../errors';
import { convertedFolder, discardConverted, recallConverted, renewConverted } from './convertedModel';
import { NODE_FILES } from './fileLayer';
import { verifyWhenIdle, type CheckTarget, type IdleCheckOptions } from './verifyWhenIdle';
import { identityPath, rememberedIdentity, rememberIdentity, type Remembered } from './weightsIdentity';

/** What was read in full so lately is not read again, in milliseconds. */
const FRESH_MS = 7 * 24 * 60 * 60_000;

export interface IdleModel {
  readonly modelPath: string;
  /** Folder of converted graphs. */
  readonly cacheDir: string;
  readonly variant: Variant;
}

export interface IdleModelOptions extends IdleCheckOptions {
  /** What was read in full in the last so many milliseconds is not read again. Default: a week. */
  readonly freshMs?: number;
}

/**
 * Reads a loaded model's GGUF and converted files in full while nobody needs the machine, and compares them with what
 * they were when they were opened; at most once a week. Of what is damaged, the memory is deleted: the next opening then
 * builds the converted files anew, or hashes the GGUF and refuses it if it is not the published one any more.
 *
 * @returns the damaged files
 * @throws EngineError `aborted`; `io` where the memory of a damaged file cannot be deleted
 */
export async function verifyModelWhenIdle(
  { modelPath, cacheDir, variant }: IdleModel,
  options: IdleModelOptions = {},
): Promise<CheckTarget[]> {
  const { files = NODE_FILES } = options;
  const known = await rememberedIdentity(modelPath, cacheDir, files);
  if (known === undefined) return [];
  try {
    const weights = await verifyWeights(known, cacheDir, options);
    const converted = await verifyConverted(convertedFolder(cacheDir, known.sha256, variant), options);
    return [...weights, ...converted];
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
}

async function verifyWeights(
  known: Remembered,
  cacheDir: string,
  options: IdleModelOptions,
): Promise<CheckTarget[]> {
  const { files = NODE_FILES, freshMs = FRESH_MS } = options;
  const now = Date.now();
  if (now - known.hashedAt < freshMs) return [];
  const target = { path: known.path, bytes: known.size, sha256: known.sha256 };
  const damaged = await verifyWhenIdle([target], options);
  if (damaged.length > 0) await files.rm(identityPath(known.path, cacheDir), { force: true });
  else await rememberIdentity({ ...known, hashedAt: now }, cacheDir, files);
  return damaged;
}

async function verifyConverted(dir: string, options: IdleModelOptions): Promise<CheckTarget[]> {
  const { files = NODE_FILES, freshMs = FRESH_MS } = options;
  const known = await recallConverted(dir, files);
  const now = Date.now();
  if (known === undefined || now - known.checkedAt < freshMs) return [];
  const damaged = await verifyWhenIdle(known.targets, options);
  if (damaged.length > 0) await discardConverted(dir, files);
  else await renewConverted(dir, now, files);
  return damaged;
}
