/**
 * Converted graphs on disk: `<cacheDir>/<sha256>-<variant>-v<graph version>/` with the graph, its data and a
 * manifest. A folder under its final name is complete; one that no longer agrees with its manifest is built anew.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../engine';
import { EngineError } from '../errors';
import { convert, DATA_FILE, MODEL_FILE } from '../graph/convert';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import type { GgufFile } from '../gguf/readGguf';
import { writeFileAtomically } from './atomicFile';
import { hashFile } from './hashFile';

const MANIFEST_FILE = 'manifest.json';

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
}

/**
 * Finds the converted form of a model, or makes it.
 *
 * Opening checks sizes and dates only; where a date differs, the full hashes decide. Two processes that convert at
 * once each write their own temporary folder, and the first rename wins.
 *
 * @throws EngineError from the conversion; `converted-corrupt` where a fresh conversion does not check either
 */
export async function openConvertedModel(request: ConvertedModelRequest): Promise<ConvertedModel> {
  const dir = join(request.cacheDir, `${request.sha256}-${request.variant}-v${GRAPH_VERSION}`);
  const found = await checkedManifest(dir, request);
  if (found !== undefined) return opened(dir, found, 0);

  const start = performance.now();
  try {
    await removeAbandoned(request.cacheDir);
    await build(dir, request);
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
  const built = await checkedManifest(dir, request);
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

async function build(dir: string, request: ConvertedModelRequest): Promise<void> {
  const temporary = join(request.cacheDir, `.converting-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    const { source, variant, onProgress, isAborted } = request;
    const { maxPositions } = await convert({
      source,
      variant,
      targetDir: temporary,
      ...(onProgress && { onProgress }),
      ...(isAborted && { isAborted }),
    });
    const manifest: Manifest = {
      graphVersion: GRAPH_VERSION,
      variant: request.variant,
      weightsSha256: request.sha256,
      maxPositions,
      files: await Promise.all([MODEL_FILE, DATA_FILE].map((name) => describe(temporary, name))),
    };
    await writeFile(join(temporary, MANIFEST_FILE), JSON.stringify(manifest, undefined, 2));
    await moveInto(temporary, dir, request);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Renames the finished folder; where another process was first and its result is good, that one stays. */
async function moveInto(temporary: string, dir: string, request: ConvertedModelRequest): Promise<void> {
  if ((await checkedManifest(dir, request)) !== undefined) return;
  await rm(dir, { recursive: true, force: true });
  try {
    await rename(temporary, dir);
  } catch (error) {
    if ((await checkedManifest(dir, request)) === undefined) throw error;
  }
}

async function describe(dir: string, name: string): Promise<ManifestFile> {
  const path = join(dir, name);
  const { size, mtimeMs } = await stat(path);
  return { name, bytes: size, mtimeMs, sha256: await hashFile(path) };
}

/** The manifest of a folder whose files agree with it; undefined where anything is missing or differs. */
async function checkedManifest(dir: string, request: ConvertedModelRequest): Promise<Manifest | undefined> {
  const manifest = await readManifest(join(dir, MANIFEST_FILE));
  if (
    manifest === undefined ||
    manifest.graphVersion !== GRAPH_VERSION ||
    manifest.variant !== request.variant ||
    manifest.weightsSha256 !== request.sha256
  ) {
    return undefined;
  }
  const files: ManifestFile[] = [];
  for (const file of manifest.files) {
    const mtimeMs = await intactSince(join(dir, file.name), file);
    if (mtimeMs === undefined) return undefined;
    files.push({ ...file, mtimeMs });
  }
  if (manifest.files.every((file, index) => file.mtimeMs === files[index]?.mtimeMs)) return manifest;
  // Copied or restored files: their new dates are remembered, so that they are hashed only once.
  const dated = { ...manifest, files };
  await writeFileAtomically(join(dir, MANIFEST_FILE), JSON.stringify(dated, undefined, 2)).catch(
    () => undefined,
  );
  return dated;
}

/** The file's date if it is as the manifest says, by date or else by hash; undefined if it is not. */
async function intactSince(path: string, file: ManifestFile): Promise<number | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    if (size !== file.bytes) return undefined;
    return mtimeMs === file.mtimeMs || (await hashFile(path)) === file.sha256 ? mtimeMs : undefined;
  } catch {
    return undefined;
  }
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
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

/** Removes what killed conversions left behind. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith('.converting-'))) {
    const path = join(cacheDir, name);
    const age = Date.now() - (await stat(path).then((found) => found.mtimeMs, Date.now));
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
