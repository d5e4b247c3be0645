import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the lock of a killed process as old as it would be a minute later. */
export async function expireLock(path: string): Promise<void> {
  const date = new Date(Date.now() - 60_000);
  await utimes(`${path}.lock`, date, date);
}

/** The same for all locks in a folder. */
export async function expireLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.lock')) await expireLock(join(folder, name.slice(0, -'.lock'.length)));
  }
}
