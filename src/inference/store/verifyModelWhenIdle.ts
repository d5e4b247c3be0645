import type { Variant } from '../engine';
import { EngineError } from '../errors';
import { convertedFiles, convertedFolder, discardConverted } from './convertedModel';
import { NODE_FILES } from './fileLayer';
import { verifyWhenIdle, type CheckTarget, type IdleCheckOptions } from './verifyWhenIdle';
import { identityPath, rememberedIdentity } from './weightsIdentity';

export interface IdleModel {
  readonly modelPath: string;
  /** Folder of converted graphs. */
  readonly cacheDir: string;
  readonly variant: Variant;
}

/**
 * Reads a loaded model's GGUF and converted files in full while nobody needs the machine, and compares them with what
 * they were when they were opened. Of what is damaged, the memory is deleted: the next opening then builds the
 * converted files anew, or hashes the GGUF and refuses it if it is not the published one any more.
 *
 * @returns the damaged files
 * @throws EngineError `aborted`; `io` where the memory of a damaged file cannot be deleted
 */
export async function verifyModelWhenIdle(
  { modelPath, cacheDir, variant }: IdleModel,
  options: IdleCheckOptions = {},
): Promise<CheckTarget[]> {
  const { files = NODE_FILES } = options;
  const known = await rememberedIdentity(modelPath, cacheDir, files);
  if (known === undefined) return [];
  const dir = convertedFolder(cacheDir, known.sha256, variant);
  const weights: CheckTarget = { path: modelPath, bytes: known.size, sha256: known.sha256 };
  const damaged = await verifyWhenIdle([weights, ...(await convertedFiles(dir, files))], options);
  try {
    if (damaged.includes(weights)) await files.rm(identityPath(modelPath, cacheDir), { force: true });
    if (damaged.some((target) => target !== weights)) await discardConverted(dir, files);
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
  return damaged;
}
