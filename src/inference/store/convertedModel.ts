/**
 * Converted graphs on disk: `<cacheDir>/<sha256>-<variant>-v<graph version>/` with the graph, its data and a
 * manifest. A folder under its final name is complete; one that no longer agrees with its manifest is built anew.
 */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { Variant } from '../engine';
import { EngineError } from '../errors';
import { convert, DATA_FILE, MODEL_FILE } from '../graph/convert';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import type { GgufFile } from '../gguf/readGguf';
import { writeFileAtomically } from './atomicFile';
import { NODE_FILES, systemCodeOf, type FileLayer } from './fileLayer';
import { hashFile } from './hashFile';
import { CLAIMED_LOCK, withLock, type HeldLock } from './interProcessLock';

const MANIFEST_FILE = 'manifest.json';

/** Before the name of a folder that is being written, or that was replaced. */
const TEMPORARY = '.converting-';

/** A conversion takes under a minute; a temporary folder this old belongs to nobody any more. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

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
}

/** A request with what belongs to it: the folder asked for, and the files to work with. */
interface Work extends ConvertedModelRequest {
  readonly dir: string;
  readonly files: FileLayer;
}

/**
 * Finds the converted form of a model, or makes it.
 *
 * Opening checks sizes and dates only; where a date differs, the full hashes decide. Of several processes that want
 * the same model at once, one converts and the others wait for it.
 *
 * @throws EngineError from the conversion; `converted-corrupt` where a fresh conversion does not check either
 */
export async function openConvertedModel(request: ConvertedModelRequest): Promise<ConvertedModel> {
  const dir = join(request.cacheDir, `${request.sha256}-${request.variant}-v${GRAPH_VERSION}`);
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
  await removeAbandoned(work);
  await build(work, lock);
  const built = await checkedManifest(work);
  if (built === undefined) {
    throw new EngineError('converted-corrupt', `The converted model in ${dir} cannot be read back.`, { dir });
  }
  await removeOutdated(work);
  return opened(dir, built, performance.now() - start);
}

/** Removes what earlier graph versions made of the same weights; what is still in use elsewhere stays. */
async function removeOutdated({ cacheDir, sha256, files }: Work): Promise<void> {
  const names: string[] = await files.readdir(cacheDir).catch(() => []);
  for (const name of names) {
    const version = /-v(\d+)$/.exec(name)?.[1];
    if (!name.startsWith(`${sha256}-`) || version === undefined || Number(version) >= GRAPH_VERSION) continue;
    await files.rm(join(cacheDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
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
    const { maxPositions } = await convert({
      source,
      variant,
      targetDir: temporary,
      files,
      ...(onProgress && { onProgress }),
      isAborted: () => lock.lost.aborted || isAborted?.() === true,
    });
    const manifest: Manifest = {
      graphVersion: GRAPH_VERSION,
      variant: work.variant,
      weightsSha256: work.sha256,
      maxPositions,
      files: await Promise.all([MODEL_FILE, DATA_FILE].map((name) => describe(temporary, name, files))),
    };
    await files.writeFile(join(temporary, MANIFEST_FILE), JSON.stringify(manifest, undefined, 2));
    await moveInto(temporary, work);
  } finally {
    // What cannot be removed now is removed before the next conversion.
    await files.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Puts the finished folder in place of one that is damaged. */
async function moveInto(temporary: string, { dir, files }: Work): Promise<void> {
  const replaced = temporaryBeside(dir);
  await files.rename(dir, replaced).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  });
  await files.rename(temporary, dir);
  await files.rm(replaced, { recursive: true, force: true }).catch(() => undefined);
}

const temporaryBeside = (dir: string): string =>
  join(dirname(dir), `${TEMPORARY}${basename(dir)}-${randomUUID()}`);

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
  const found: ManifestFile[] = [];
  for (const file of manifest.files) {
    const mtimeMs = await intactSince(join(dir, file.name), file, files);
    if (mtimeMs === undefined) return undefined;
    found.push({ ...file, mtimeMs });
  }
  if (manifest.files.every((file, index) => file.mtimeMs === found[index]?.mtimeMs)) return manifest;
  // Copied or restored files: their new dates are remembered, so that they are hashed only once.
  const dated = { ...manifest, files: found };
  await writeFileAtomically(join(dir, MANIFEST_FILE), JSON.stringify(dated, undefined, 2), files).catch(
    () => undefined,
  );
  return dated;
}

/** The file's date if it is as the manifest says, by date or else by hash; undefined if it is not. */
async function intactSince(path: string, file: ManifestFile, files: FileLayer): Promise<number | undefined> {
  try {
    const { size, mtimeMs } = await files.stat(path);
    if (size !== file.bytes) return undefined;
    return mtimeMs === file.mtimeMs || (await hashFile(path, { files })) === file.sha256
      ? mtimeMs
      : undefined;
  } catch {
    return undefined;
  }
}

async function readManifest(path: string, files: FileLayer): Promise<Manifest | undefined> {
  try {
    const value: unknown = JSON.parse(await files.readFile(path, 'utf8'));
    return isManifest(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const { maxPositions, files } = value as Partial<Manifest>;
  const names = Array.isArray(files) ? files.map((file: Partial<ManifestFile> | null) => file?.name) : [];
  return (
    Number.isSafeInteger(maxPositions) &&
    [MODEL_FILE, DATA_FILE].every((name) => names.includes(name)) &&
    names.every((name) => name === MODEL_FILE || name === DATA_FILE)
  );
}

/**
 * Removes what killed conversions left behind: of this model at once, because whoever holds the lock is the only one
 * at work on it, and of others once it is old.
 */
async function removeAbandoned({ cacheDir, dir, files }: Work): Promise<void> {
  const own = `${TEMPORARY}${basename(dir)}-`;
  for (const name of await files.readdir(cacheDir).catch(() => [])) {
    if (!name.startsWith(TEMPORARY) && !name.includes(CLAIMED_LOCK)) continue;
    const path = join(cacheDir, name);
    const age = Date.now() - (await files.stat(path).then((found) => found.mtimeMs, Date.now));
    if (name.startsWith(own) || age > ABANDONED_AFTER_MS) {
      await files.rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
