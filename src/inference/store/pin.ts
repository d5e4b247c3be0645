/**
 * The sum of a file whose sum was not known in advance: `<target>.pin.json`, written when the publisher told it and
 * the file that came had it. From then on the file must have it.
 */
import type { FileLayer } from './fileLayer';
import type { ExpectedFile } from './partFile';
import { readSealed, writeSealed } from './sealedJson';

export const pinPath = (target: string): string => `${target}.pin.json`;

/** @throws the system's error */
export async function writePin(
  target: string,
  { bytes, sha256 }: ExpectedFile,
  files: FileLayer,
): Promise<void> {
  await writeSealed(pinPath(target), { bytes, sha256 }, files);
}

/** Undefined where nothing is pinned; a damaged pin is none, and the publisher is asked again. */
export async function readPin(target: string, files: FileLayer): Promise<ExpectedFile | undefined> {
  const value = (await readSealed(pinPath(target), files)) as Partial<ExpectedFile> | undefined;
  return typeof value?.bytes === 'number' && typeof value.sha256 === 'string'
    ? { bytes: value.bytes, sha256: value.sha256 }
    : undefined;
}
