/**
 * Converted graphs on disk: `<cacheDir>/<sha256>-<variant>-v<graph version>/` with the graph, its data and a
 * manifest. A folder under its final name is complete; one that no longer agrees with its manifest is built anew.
 */
import { basename, join } from 'node:path';
import type { Variant } from '../engine';
import { EngineError, isAborted as isAbortedError } from '../errors';
import { convert, DATA_FILE, MODEL_FILE } from '../graph/convert';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import { readModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import { requireDiskSpace } from './diskSpace';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { hashFile } from './hashFile';
import { withLock, type HeldLock } from './interProcessLock';
import { removeUseless, temporaryBeside } from './leftovers';
import { convertedBytes, packedBytes } from './modelNeeds';
import { readSealed, writeSealed } from './sealedJson';
import { lastUncleanEnd } from './uncleanEnd';
import type { CheckTarget } from './verifyWhenIdle';

const MANIFEST_FILE = 'manifest.json';
/** Holds the converted files until the native library has written them once more. */
const PLAIN_FOLDER = 'plain';

interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

interface Manifest {
  readonly graphVersion: number;
  readonly variant: Variant;
  readonly weightsSha256: string;
  readonly maxPositions: number;
  /** When all of the files were last read and found right, in milliseconds since 1970. */
  readonly checkedAt: number;
  readonly files: readonly ManifestFile[];
}

export interface ConvertedModel {
  readonly modelFile: string;
  readonly maxPositions: number;
  /** Time spent on converting now; 0 when the files were there. */
  readonly convertMs: number;
}

export interface ConvertedModelRequest {
  readonly source: GgufFile;
  readonly sha256: string;
  readonly variant: Variant;
  readonly cacheDir: string;
  readonly onProgress?: (fraction: number) => void;
  readonly isAborted?: () => boolean;
  /** Called now and then while another process converts the same model. */
  readonly onWaiting?: () => void;
  readonly files?: FileLayer;
  /** Has the native library write the model once more, beside its own layout of the matrices; see `packModel`. */
  readonly pack?: (modelFile: string, packedFile: string, packedData: string) => Promise<void>;
}

/** A request with what belongs to it: the folder asked for, and the files to work with. */
interface Work extends ConvertedModelRequest {
  readonly dir: string;
  readonly files: FileLayer;
}

/** Where the converted form of weights lies or will lie. */
export const convertedFolder = (cacheDir: string, sha256: string, variant: Variant): string =>
  join(cacheDir, `${sha256}-${variant}-v${GRAPH_VERSION}`);

/**
 * Finds the converted form of a model, or makes it.
 *
 * Opening checks sizes and dates only; where a date differs, and once after an unclean end, the full hashes decide. Of
 * several processes that want the same model at once, one converts and the others wait for it.
 *
 * @throws EngineError from the conversion; `converted-corrupt` where a fresh conversion does not check either
 */
export async function openConvertedModel(request: ConvertedModelRequest): Promise<ConvertedModel> {
  const dir = convertedFolder(request.cacheDir, request.sha256, request.variant);
  const work: Work = { ...request, dir, files: request.files ?? NODE_FILES };
  const found = await checkedManifest(work);
  if (found !== undefined) return opened(dir, found, 0);
  try {
    return await withLock(
      dir,
      {
        files: work.files,
        ...(request.isAborted && { isAborted: request.isAborted }),
        ...(request.onWaiting && { onWait: request.onWaiting }),
      },
      (lock) => convertOnce(work, lock),
    );
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
}

/** Converts, unless another process has done it while this one waited. */
async function convertOnce(work: Work, lock: HeldLock): Promise<ConvertedModel> {
  const { dir } = work;
  const found = await checkedManifest(work);
  if (found !== undefined) return opened(dir, found, 0);
  const start = performance.now();
  await removeUseless(dir, work.files);
  await build(work, lock);
  const built = await checkedManifest(work);
  if (built === undefined) {
    throw new EngineError('converted-corrupt', `The converted model in ${dir} cannot be read back.`, { dir });
  }
  return opened(dir, built, performance.now() - start);
}

const opened = (dir: string, manifest: Manifest, convertMs: number): ConvertedModel => ({
  modelFile: join(dir, MODEL_FILE),
  maxPositions: manifest.maxPositions,
  convertMs,
});

async function build(work: Work, lock: HeldLock): Promise<void> {
  const { files, source, variant, onProgress, isAborted } = work;
  const temporary = temporaryBeside(work.dir);
  await files.mkdir(temporary, { recursive: true });
  try {
    const config = readModelConfig(source);
    const bytes = convertedBytes(config, variant);
    await requireDiskSpace(temporary, bytes, 'converting the model', files);
    const plain = join(temporary, PLAIN_FOLDER);
    await files.mkdir(plain, { recursive: true });
    const { maxPositions } = await convert({
      source,
      variant,
      targetDir: plain,
      files,
      ...(onProgress && { onProgress }),
      isAborted: () => lock.lost.aborted || isAborted?.() === true,
    });
    // Packing writes all that was converted once more, and the matrices beside.
    await finish(plain, temporary, work, bytes + packedBytes(config, variant));
    const manifest: Manifest = {
      graphVersion: GRAPH_VERSION,
      variant: work.variant,
      weightsSha256: work.sha256,
      maxPositions,
      checkedAt: Date.now(),
      files: await Promise.all([MODEL_FILE, DATA_FILE].map((name) => describe(temporary, name, files))),
    };
    await writeSealed(join(temporary, MANIFEST_FILE), manifest, files);
    await moveInto(temporary, work);
  } finally {
    // What cannot be removed now is removed before the next conversion.
    await files.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Puts the files where they belong: packed where that can be done, else as they are, which takes longer to load. */
async function finish(plain: string, dir: string, work: Work, packingBytes: number): Promise<void> {
  const { files } = work;
  const paths = [MODEL_FILE, DATA_FILE].map((name) => join(dir, name)) as [string, string];
  const packed = await packInto(paths, plain, work, packingBytes).catch(() => false);
  if (!packed) {
    for (const path of paths) {
      await files.rm(path, { force: true });
      await files.rename(join(plain, basename(path)), path);
    }
  }
  await files.rm(plain, { recursive: true, force: true });
}

async function packInto(
  paths: readonly [string, string],
  plain: string,
  { files, pack }: Work,
  packingBytes: number,
): Promise<boolean> {
  if (pack === undefined) return false;
  await requireDiskSpace(plain, packingBytes, 'packing the model', files);
  await pack(join(plain, MODEL_FILE), ...paths);
  for (const path of paths) {
    const file = await files.open(path, 'r+');
    await file.sync().finally(() => file.close());
  }
  return true;
}

/** Gives the finished folder its name. Another process may have been first, if the lock was lost for a moment. */
async function moveInto(temporary: string, work: Work): Promise<void> {
  try {
    await work.files.rename(temporary, work.dir);
  } catch (error) {
    if ((await checkedManifest(work)) === undefined) throw error;
  }
}

async function describe(dir: string, name: string, files: FileLayer): Promise<ManifestFile> {
  const path = join(dir, name);
  const { size, mtimeMs } = await files.stat(path);
  return { name, bytes: size, mtimeMs, sha256: await hashFile(path, { files }) };
}

/** The manifest of a folder whose files agree with it; undefined where anything is missing or differs. */
async function checkedManifest(work: Work): Promise<Manifest | undefined> {
  const { dir, files } = work;
  const manifest = await readManifest(join(dir, MANIFEST_FILE), files);
  if (
    manifest === undefined ||
    manifest.graphVersion !== GRAPH_VERSION ||
    manifest.variant !== work.variant ||
    manifest.weightsSha256 !== work.sha256
  ) {
    return undefined;
  }
  const now = Date.now();
  const thorough = manifest.checkedAt < (await lastUncleanEnd(work.cacheDir, files));
  const found: ManifestFile[] = [];
  for (const file of manifest.files) {
    const mtimeMs = await intactSince(join(dir, file.name), file, work, thorough);
    if (mtimeMs === undefined) return undefined;
    found.push({ ...file, mtimeMs });
  }
  const sameDates = manifest.files.every((file, index) => file.mtimeMs === found[index]?.mtimeMs);
  if (sameDates && !thorough) return manifest;
  // Copied or restored files: their new dates are remembered, so that they are hashed only once.
  const renewed = { ...manifest, files: found, ...(thorough ? { checkedAt: now } : {}) };
  await writeSealed(join(dir, MANIFEST_FILE), renewed, files).catch(() => undefined);
  return renewed;
}

/** The file's date if it is as the manifest says, by date or else by hash; undefined if it is not. */
async function intactSince(
  path: string,
  file: ManifestFile,
  { files, isAborted }: Work,
  thorough: boolean,
): Promise<number | undefined> {
  try {
    const { size, mtimeMs } = await files.stat(path);
    if (size !== file.bytes) return undefined;
    if (mtimeMs === file.mtimeMs && !thorough) return mtimeMs;
    const sha256 = await hashFile(path, { files, ...(isAborted && { isAborted }) });
    return sha256 === file.sha256 ? mtimeMs : undefined;
  } catch (error) {
    if (isAbortedError(error)) throw error;
    return undefined;
  }
}

/**
 * When a converted model was last read in full, in milliseconds since 1970, and its files with their sums; undefined
 * where the manifest cannot be read: the next opening then builds it anew.
 */
export async function recallConverted(
  dir: string,
  files: FileLayer = NODE_FILES,
): Promise<{ checkedAt: number; targets: CheckTarget[] } | undefined> {
  const manifest = await readManifest(join(dir, MANIFEST_FILE), files);
  if (manifest === undefined) return undefined;
  const targets = manifest.files.map(({ name, bytes, sha256 }) => ({ path: join(dir, name), bytes, sha256 }));
  return { checkedAt: manifest.checkedAt, targets };
}

/** Remembers that a converted model was read in full and found right; where that fails, it is read again. */
export async function renewConverted(dir: string, checkedAt: number, files: FileLayer): Promise<void> {
  const path = join(dir, MANIFEST_FILE);
  const manifest = await readManifest(path, files);
  if (manifest !== undefined)
    await writeSealed(path, { ...manifest, checkedAt }, files).catch(() => undefined);
}

/**
 * Has a damaged model built anew when it is opened the next time; the files themselves may be in use until then.
 * @throws EngineError `io`
 */
export async function discardConverted(dir: string, files: FileLayer = NODE_FILES): Promise<void> {
  try {
    await files.rm(join(dir, MANIFEST_FILE), { force: true });
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
}

/** The manifest as it was written, or none: a limit that is off by one digit would be as bad as a wrong weight. */
async function readManifest(path: string, files: FileLayer): Promise<Manifest | undefined> {
  const value: unknown = await readSealed(path, files);
  return isManifest(value) ? value : undefined;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { maxPositions, checkedAt, files } = value as Partial<Manifest>;
  const names = Array.isArray(files) ? files.map((file: Partial<ManifestFile> | null) => file?.name) : [];
  return (
    Number.isSafeInteger(maxPositions) &&
    typeof checkedAt === 'number' &&
    [MODEL_FILE, DATA_FILE].every((name) => names.includes(name)) &&
    names.every((name) => name === MODEL_FILE || name === DATA_FILE)
  );
}
