/** Whether the disk has room, asked before the work begins. */
import { EngineError } from '../errors';
import type { FileLayer } from './fileLayer';

/** Left free on the disk beyond what is asked for, so that the rest of the system is not starved. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024;

/**
 * @param dir a folder that exists
 * @param bytes what is to be written
 * @param what the work, as in "the download"
 * @throws EngineError `disk-full`
 */
export async function requireDiskSpace(
  dir: string,
  bytes: number,
  what: string,
  files: FileLayer,
): Promise<void> {
  const free = await freeBytes(dir, files);
  const needed = bytes + DISK_RESERVE_BYTES;
  if (free !== undefined && free < needed) {
    throw new EngineError(
      'disk-full',
      `The disk of ${dir} has ${megabytes(free)} MB free; ${what} needs ${megabytes(needed)} MB.`,
      { dir, freeBytes: free, neededBytes: needed },
    );
  }
}

/** Free bytes for this person; undefined where a network file system does not tell: it then shows while writing. */
async function freeBytes(dir: string, files: FileLayer): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await files.statfs(dir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
