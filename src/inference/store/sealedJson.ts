/**
 * Small JSON files that carry the SHA-256 of their own content, so that one changed byte makes them unreadable rather
 * than wrong: a sum, a size or a limit that is off by one digit is still plausible.
 */
import { createHash } from 'node:crypto';
import { writeFileAtomically } from './atomicFile';
import type { FileLayer } from './fileLayer';

/** Writes a value with its seal, so that readers find the old content or the new. @throws the system's error */
export async function writeSealed(path: string, value: object, files: FileLayer): Promise<void> {
  await writeFileAtomically(
    path,
    `${JSON.stringify({ ...value, seal: sealOf(value) }, undefined, 2)}\n`,
    files,
  );
}

/** The value as it was written; undefined without a file, and where it has changed since. */
export async function readSealed(
  path: string,
  files: FileLayer,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const parsed: unknown = JSON.parse(await files.readFile(path, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { seal, ...value } = parsed as Record<string, unknown>;
    return seal === sealOf(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Of the values in the order in which they stand, which JSON keeps. */
const sealOf = (value: object): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
