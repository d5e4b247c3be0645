/** Takes over a GGUF that a person already has. */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { EngineError } from '../errors';
import { modelFile, type CatalogueModel } from './catalogue';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { hashFile } from './hashFile';
import { inspectModelFile } from './inspectModelFile';
import { throwIfAborted, type FileWork } from './fileWork';

export type ImportedFile =
  /** The published file of a known model; it now lies in the folder of weights. */
  | { readonly kind: 'catalogue'; readonly model: CatalogueModel; readonly path: string }
  /** Some other GGUF that can be run here; it stays where it is. */
  | { readonly kind: 'own'; readonly path: string };

export interface ImportTarget {
  readonly modelsDir: string;
  readonly catalogue: readonly CatalogueModel[];
  /** To ask its disk for room; not asked by default. */
  readonly convertedDir?: string;
}

/**
 * Looks at a local file: the published file of a catalogue model is hard-linked (or copied, across disks) into the
 * folder of weights; any other GGUF is left in place, and one that cannot be run is refused with the reason.
 *
 * @throws EngineError `model-missing` without such a file, and as `inspectModelFile`; `aborted`
 */
export async function importLocalFile(
  source: string,
  to: ImportTarget,
  work: FileWork = {},
): Promise<ImportedFile> {
  const { files = NODE_FILES, signal, onProgress } = work;
  const bytes = await requireGguf(source, files);
  const candidates = to.catalogue.filter((model) => model.bytes === bytes);
  if (candidates.length === 0) return ownFile(source, to, files);
  const sha256 = await hashFile(source, {
    files,
    isAborted: () => signal?.aborted === true,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const model = candidates.find((candidate) => candidate.sha256 === sha256);
  if (model === undefined) return ownFile(source, to, files);
  const path = modelFile(to.modelsDir, model);
  await takeOver(source, path, signal, files);
  return { kind: 'catalogue', model, path };
}

async function ownFile(path: string, to: ImportTarget, files: FileLayer): Promise<ImportedFile> {
  const { convertedDir } = to;
  await inspectModelFile(path, { files, ...(convertedDir === undefined ? {} : { convertedDir }) });
  return { kind: 'own', path };
}

/** @returns the file's size in bytes */
async function requireGguf(path: string, files: FileLayer): Promise<number> {
  try {
    const handle = await files.open(path, 'r');
    try {
      const magic = Buffer.alloc(4);
      await handle.read(magic, 0, 4, 0);
      if (magic.toString('latin1') !== 'GGUF') {
        throw new EngineError('model-corrupt', `${path} is not a GGUF file.`, { path });
      }
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const wrapped = EngineError.from(error, 'io');
    if (wrapped.detail?.['systemCode'] !== 'ENOENT') throw wrapped;
    throw new EngineError('model-missing', `There is no file at ${path}.`, { path }, { cause: error });
  }
}

async function takeOver(
  source: string,
  target: string,
  signal: AbortSignal | undefined,
  files: FileLayer,
): Promise<void> {
  if (await sameFile(source, target, files)) return;
  const temporary = `${target}.${randomUUID()}.incomplete`;
  try {
    await files.mkdir(dirname(target), { recursive: true });
    // A link costs no space. It fails across disks and on file systems without links: then a copy.
    await files.link(await files.realpath(source), temporary).catch(() => files.copyFile(source, temporary));
    throwIfAborted(signal);
    await files.rename(temporary, target);
  } catch (error) {
    throw EngineError.from(error, 'io');
  } finally {
    await files.rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function sameFile(a: string, b: string, files: FileLayer): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((path) => files.stat(path).catch(() => undefined)));
  // Windows leaves `ino` 0 on some file systems.
  return (
    first !== undefined &&
    second !== undefined &&
    first.ino !== 0 &&
    first.ino === second.ino &&
    first.dev === second.dev
  );
}
