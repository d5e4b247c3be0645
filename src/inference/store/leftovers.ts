/** What lies about in the folder of converted graphs and is of no use any more. */
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import type { FileLayer } from './fileLayer';
import { CLAIMED_LOCK } from './interProcessLock';

/** Before the name of a folder that is being written. */
const TEMPORARY = '.converting-';

/** A conversion takes under a minute; a temporary folder this old belongs to nobody any more. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** Where to write a folder before it gets its name. */
export const temporaryBeside = (dir: string): string =>
  join(dirname(dir), `${TEMPORARY}${basename(dir)}-${randomUUID()}`);

/**
 * Makes room for a conversion whose lock is held: removes the folder that is not right any more, what killed
 * conversions left behind (to the same folder at once, because whoever holds its lock is the only one at work on it;
 * others once they are old), and what was made for earlier graphs.
 *
 * @param dir the converted model's folder
 * @throws the system's error where `dir` itself cannot be removed
 */
export async function removeUseless(dir: string, files: FileLayer): Promise<void> {
  const cacheDir = dirname(dir);
  const own = `${TEMPORARY}${basename(dir)}-`;
  await files.rm(dir, { recursive: true, force: true });
  for (const name of await files.readdir(cacheDir).catch(() => [])) {
    const path = join(cacheDir, name);
    const left = name.startsWith(TEMPORARY) || name.includes(CLAIMED_LOCK) || name.endsWith('.tmp');
    const useless = name.startsWith(own) || isOutdated(name) || (left && (await isOld(path, files)));
    if (useless) await files.rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isOld(path: string, files: FileLayer): Promise<boolean> {
  const found = await files.stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
}

/** Folders of earlier graphs; nothing reads them any more. */
function isOutdated(name: string): boolean {
  const version = /^[0-9a-f]{64}-[a-z0-9]+-v(\d+)$/.exec(name)?.[1];
  return version !== undefined && Number(version) < GRAPH_VERSION;
}
