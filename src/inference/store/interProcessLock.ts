/**
 * A lock that holds between processes, threads and calls of one process: what is long and costly, a download or a
 * conversion, is done once, and who comes second waits for it.
 *
 * `proper-lockfile` does it with a folder that only one can create, and whose date its holder renews, so that the lock
 * of a holder that was killed goes stale. Two things are done for it here, in the file functions that it takes: a
 * stale lock is claimed by renaming it, because between looking and removing another process may have made it anew
 * (its issue 121); and a date in the future, left by a clock that was put back, counts as stale.
 */
import { randomUUID } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../errors';
import { NODE_FILES, systemCodeOf, type FileFacts, type FileLayer } from './fileLayer';

/** A lock that was not renewed for so long has lost its holder; it is renewed twice as often, in milliseconds. */
const STALE_MS = 10_000;
/** How often a waiting process looks, in milliseconds. */
const POLL_MS = 100;
/** A lock is lost when the machine sleeps or the process stands still; so often the work is begun again. */
const MAX_LOSSES = 3;
/** Times that a lock may vanish while it is being made; a folder that is gone is none of those for long. */
const MAX_TAKEN_AWAY = 10;
/** Marks what is left of a stale lock between its claim and its removal. */
export const CLAIMED_LOCK = '.lock.stale-';

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** For callers whose wish to stop is a flag in shared memory; asked while waiting. */
  readonly isAborted?: () => boolean;
  /** Called at each look while another holds the lock. */
  readonly onWait?: () => void;
  readonly files?: FileLayer;
  /** At least 2000. Must be the same for all who use a lock. */
  readonly staleMs?: number;
}

export interface HeldLock {
  /** Another has held the lock meanwhile, so the work may be done already. */
  readonly waited: boolean;
  /** Aborted when the lock turned out to be lost: the work must stop, and is then begun again. */
  readonly lost: AbortSignal;
}

/**
 * Runs an action while holding the lock `<path>.lock`; the folder above is created.
 *
 * @throws EngineError `aborted` while waiting, `io` and its like where the lock cannot be made, or what the action throws
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  for (let losses = 1; ; losses++) {
    const lost = new AbortController();
    const { waited, release } = await acquire(path, options, () => lost.abort());
    try {
      return await action({ waited: waited || losses > 1, lost: lost.signal });
    } catch (error) {
      if (!lost.signal.aborted || isAborted(options)) throw error;
      if (losses === MAX_LOSSES) {
        throw new EngineError(
          'io',
          `The lock of ${path} was lost again and again.`,
          { path },
          { cause: error },
        );
      }
    } finally {
      // What cannot be removed goes stale by itself.
      await release().catch(() => undefined);
    }
  }
}

const isAborted = ({ signal, isAborted: flag }: LockOptions): boolean =>
  signal?.aborted === true || flag?.() === true;

async function acquire(
  path: string,
  options: LockOptions,
  onLost: () => void,
): Promise<{ waited: boolean; release: () => Promise<void> }> {
  const { files = NODE_FILES, staleMs = STALE_MS, signal } = options;
  try {
    await files.mkdir(dirname(path), { recursive: true });
    // Loaded when first needed: loading it registers handlers for signals and for the process's end.
    const { lock } = await import('proper-lockfile');
    let takenAway = 0;
    for (let waited = false; ; waited = true) {
      if (isAborted(options)) throw new EngineError('aborted', 'Waiting was cancelled.');
      try {
        const release = await lock(path, {
          realpath: false,
          stale: staleMs,
          fs: lockFunctions(files, staleMs),
          onCompromised: onLost,
        });
        return { waited, release };
      } catch (error) {
        // Another process may take a new lock for one from long ago that it was about to remove.
        const isTakenAway = systemCodeOf(error) === 'ENOENT' && takenAway++ < MAX_TAKEN_AWAY;
        if (systemCodeOf(error) !== 'ELOCKED' && !isTakenAway) throw error;
      }
      options.onWait?.();
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    if (isAborted(options))
      throw new EngineError('aborted', 'Waiting was cancelled.', undefined, { cause: error });
    throw EngineError.from(error, 'io');
  }
}

type Callback<T> = (error: unknown, value?: T) => void;

/** The functions that the library calls, for one attempt to get a lock and the holding of it. */
function lockFunctions(files: FileLayer, staleMs: number) {
  let held = false;
  let seenMs: number | undefined;
  const make = async (path: string): Promise<void> => {
    await files.mkdir(path);
    held = true;
  };
  const look = async (path: string): Promise<Pick<FileFacts, 'mtime'>> => {
    const facts = await files.stat(path);
    if (held) return facts;
    seenMs = facts.mtimeMs;
    return facts.mtimeMs > Date.now() + staleMs ? { mtime: new Date(0) } : facts;
  };
  const remove = (path: string): Promise<void> => (held ? files.rmdir(path) : claim(files, path, seenMs));
  return {
    mkdir: (path: string, done: Callback<void>) => settle(make(path), done),
    stat: (path: string, done: Callback<Pick<FileFacts, 'mtime'>>) => settle(look(path), done),
    rmdir: (path: string, done: Callback<void>) => settle(remove(path), done),
    utimes: (path: string, accessed: Date, modified: Date, done: Callback<void>) =>
      settle(files.utimes(path, accessed, modified), done),
    /** At the end of the process, when nothing asynchronous runs any more. */
    rmdirSync,
  };
}

function settle<T>(promise: Promise<T>, done: Callback<T>): void {
  promise.then(
    (value) => done(null, value),
    (error: unknown) => done(error),
  );
}

/** Takes a stale lock away, unless it is no longer the one that was looked at. */
async function claim(files: FileLayer, path: string, seenMs: number | undefined): Promise<void> {
  const aside = `${path.replace(/\.lock$/, '')}${CLAIMED_LOCK}${randomUUID()}`;
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  // With all that is in it: the set-up scripts' locks are folders of the same name that say who holds them.
  if ((await files.stat(aside)).mtimeMs === seenMs) return files.rm(aside, { recursive: true, force: true });
  await files.rename(aside, path);
  throw Object.assign(new Error('Another process has just taken the lock.'), { code: 'ELOCKED' });
}
