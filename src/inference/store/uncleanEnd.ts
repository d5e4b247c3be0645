/**
 * When a session last ended uncleanly on this machine, by a crash, a kill or a power cut. What was checked before that
 * is read in full the next time it is opened; otherwise opening looks at sizes and dates only.
 */
import { join } from 'node:path';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { readSealed, writeSealed } from './sealedJson';

const FILE = 'unclean-end.json';

/**
 * Called by whoever notices that a session ended uncleanly. The time is that of the notice: when it really happened
 * nobody knows, and files may have been written until then.
 *
 * @param cacheDir folder of converted graphs
 * @returns whether it could be noted
 */
export async function noteUncleanEnd(cacheDir: string, files: FileLayer = NODE_FILES): Promise<boolean> {
  try {
    await files.mkdir(cacheDir, { recursive: true });
    await writeSealed(join(cacheDir, FILE), { noticedAt: Date.now() }, files);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds since 1970; 0 where none was noticed. */
export async function lastUncleanEnd(cacheDir: string, files: FileLayer = NODE_FILES): Promise<number> {
  const value = await readSealed(join(cacheDir, FILE), files);
  return typeof value?.['noticedAt'] === 'number' ? value['noticedAt'] : 0;
}
