/**
 * How much memory can still be taken without pushing something else out, in bytes.
 *
 * `os.freemem` answers that on two platforms only: on Linux it is `MemAvailable` of /proc/meminfo and on Windows
 * `ullAvailPhys`, which both count caches that can be dropped. On macOS it counts untouched pages alone, some hundred
 * megabytes on a healthy machine; there the kernel's own percentage is asked for. A container's limit is known to
 * none of them, although the container dies at it, so that it is read where there is one.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** What the answer depends on; passed in so that every platform can be tested on every platform. */
export interface MemoryReadings {
  readonly platform: NodeJS.Platform;
  /** Bytes, as `os.freemem` and `os.totalmem` say. */
  readonly free: () => number;
  readonly total: () => number;
  /** Content of a small file. @throws when there is none */
  readonly read: (path: string) => Promise<string>;
  /** What `sysctl -n NAME` prints. @throws when it cannot be run */
  readonly sysctl: (name: string) => Promise<string>;
}

/** Where a container sees the limit it lives under: control groups of version 2, then of version 1. */
const GROUPS = [
  {
    limit: '/sys/fs/cgroup/memory.max',
    used: '/sys/fs/cgroup/memory.current',
    stat: '/sys/fs/cgroup/memory.stat',
    cache: 'inactive_file',
  },
  {
    limit: '/sys/fs/cgroup/memory/memory.limit_in_bytes',
    used: '/sys/fs/cgroup/memory/memory.usage_in_bytes',
    stat: '/sys/fs/cgroup/memory/memory.stat',
    cache: 'total_inactive_file',
  },
] as const;

const SYSCTL_LIMIT_MS = 2000;

/** The readings of this machine. */
export function processMemoryReadings(): MemoryReadings {
  const run = promisify(execFile);
  return {
    platform: process.platform,
    free: freemem,
    total: totalmem,
    read: (path) => readFile(path, 'utf8'),
    sysctl: async (name) =>
      (await run('/usr/sbin/sysctl', ['-n', name], { timeout: SYSCTL_LIMIT_MS })).stdout,
  };
}

/** Available memory in bytes, or undefined where it cannot be told. Never throws. */
export async function availableMemory(
  readings: MemoryReadings = processMemoryReadings(),
): Promise<number | undefined> {
  switch (readings.platform) {
    case 'darwin':
      return availableOnMac(readings);
    case 'linux': {
      const left = await leftInContainer(readings);
      return left === undefined ? readings.free() : Math.min(left, readings.free());
    }
    default:
      return readings.free();
  }
}

/** The kernel's percentage, which `memory_pressure` shows too. */
async function availableOnMac({ total, sysctl }: MemoryReadings): Promise<number | undefined> {
  try {
    const percent = wholeNumber(await sysctl('kern.memorystatus_level'));
    return percent === undefined || percent > 100 ? undefined : Math.floor((total() * percent) / 100);
  } catch {
    return undefined;
  }
}

/** What a container may still take; undefined without a limit. */
async function leftInContainer({ read, total }: MemoryReadings): Promise<number | undefined> {
  for (const { limit, used, stat, cache } of GROUPS) {
    try {
      const most = wholeNumber(await read(limit));
      // "max", or a number beyond all memory: no limit.
      if (most === undefined || most >= total()) continue;
      const now = wholeNumber(await read(used));
      if (now === undefined) continue;
      const [, droppable] = new RegExp(`^${cache} (\\d+)$`, 'm').exec(await read(stat)) ?? [];
      return Math.max(0, most - now + Number(droppable ?? 0));
    } catch {
      continue;
    }
  }
  return undefined;
}

const wholeNumber = (text: string): number | undefined =>
  /^\d+$/.test(text.trim()) ? Number(text.trim()) : undefined;
