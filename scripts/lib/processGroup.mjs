import { setTimeout as sleep } from 'node:timers/promises';

/** Time a group gets to end after SIGTERM; the extension host waits for the engine's step in flight. */
const TERMINATE_MS = 15_000;
const POLL_MS = 50;

/**
 * Ends a child that was started with `detached: true`, together with everything it started, and waits for the end
 * of them all: first asked, then killed.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<void>}
 */
export async function stopProcessGroup(child) {
  if (child.pid === undefined) return;
  signalGroup(child.pid, 'SIGTERM');
  if (await ended(child.pid, TERMINATE_MS)) return;
  signalGroup(child.pid, 'SIGKILL');
  await ended(child.pid, TERMINATE_MS);
}

async function ended(pid, limitMs) {
  const limit = Date.now() + limitMs;
  while (signalGroup(pid, 0)) {
    if (Date.now() > limit) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/**
 * @param {number} pid leader of the group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} false when no process of the group is left
 */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
