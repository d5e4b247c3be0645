import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The holder touches its lock this often… */
const HEARTBEAT_MS = 5_000;
/** …and one that was not touched for this long has lost its holder (a machine that slept, a killed container). */
const STALE_MS = 60_000;
const POLL_MS = 300;

/**
 * Runs an action while holding a lock that other processes respect too; waits for as long as one of them holds it.
 *
 * The lock is a folder with a file that names its holder. It is prepared under another name and renamed into place,
 * which fails while the name is taken, so that no one ever sees a lock without a holder.
 * @template T
 * @param {string} path the lock's own path; its parent is created
 * @param {string} what shown while waiting
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withLock(path, what, action) {
  const token = randomUUID();
  await acquire(path, what, token);
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // The lock is gone or not ours to touch; releasing it below notices.
    }
  }, HEARTBEAT_MS);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    if (holderOf(path)?.token === token) discard(path);
  }
}

async function acquire(path, what, token) {
  mkdirSync(dirname(path), { recursive: true });
  const prepared = `${path}-${token}`;
  mkdirSync(prepared);
  writeFileSync(join(prepared, 'holder.json'), JSON.stringify({ token, pid: process.pid, host: hostname() }));
  for (let waited = 0; !tryRename(prepared, path); waited += 1) {
    if (waited === 0) console.log(`${what}: another process is at it; waiting.`);
    breakStale(path);
    await sleep(POLL_MS);
  }
  removeAbandoned(path);
}

/** What processes that were killed while they waited had prepared. */
function removeAbandoned(path) {
  for (const entry of readdirSync(dirname(path))) {
    if (!entry.startsWith(`${basename(path)}-`)) continue;
    const holder = holderOf(join(dirname(path), entry));
    if (holder?.host !== hostname() || isRunning(holder.pid)) continue;
    rmSync(join(dirname(path), entry), { recursive: true, force: true });
  }
}

function tryRename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES', 'ENOENT'].includes(error.code) && isThere(from))
      return false;
    throw error;
  }
}

/** Removes a lock whose holder is gone; the extension's locks, of the same name, do not say who that is. What was moved away is looked at again: a new holder gets its lock back. */
function breakStale(path) {
  const seen = holderOf(path);
  if (!isStale(path, seen)) return;
  const aside = `${path}-stale-${randomUUID()}`;
  if (!tryMove(path, aside)) return;
  if (holderOf(aside)?.token !== seen?.token && tryMove(aside, path)) return;
  rmSync(aside, { recursive: true, force: true });
}

function isStale(path, holder) {
  try {
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) return true;
  } catch {
    return false;
  }
  return holder?.host === hostname() && !isRunning(holder.pid);
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @returns {{ token: string, pid: number, host: string } | undefined} */
function holderOf(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'holder.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Away by renaming first: a folder that is emptied in place could be taken over half-way. */
function discard(path) {
  const aside = `${path}-done-${randomUUID()}`;
  if (tryMove(path, aside)) rmSync(aside, { recursive: true, force: true });
}

function tryMove(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function isThere(path) {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
