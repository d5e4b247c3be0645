import { utimes } from 'node:fs/promises';

/** Makes the lock of a killed process as old as it would be a minute later. */
export async function expireLock(path: string): Promise<void> {
  const date = new Date(Date.now() - 60_000);
  await utimes(`${path}.lock`, date, date);
}
