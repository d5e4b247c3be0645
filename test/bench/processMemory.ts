/** Memory of a process, as the system tells. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** In bytes. */
export interface MemoryReading {
  /** Resident now. */
  readonly resident: number;
  /** The most that was ever resident; only where the system tells. */
  readonly peak?: number;
  /** The part of `resident` that is no file mapped into memory; only where the system tells. */
  readonly anonymous?: number;
}

export async function ownMemory(): Promise<MemoryReading> {
  return (
    (await procMemory(process.pid)) ?? {
      resident: process.memoryUsage.rss(),
      peak: process.resourceUsage().maxRSS * 1024,
    }
  );
}

/** @throws Error where there is no such process, and on systems without /proc and ps */
export async function memoryOf(pid: number): Promise<MemoryReading> {
  const found = await procMemory(pid);
  if (found !== undefined) return found;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return { resident: Number(stdout.trim()) * 1024 };
}

async function procMemory(pid: number): Promise<MemoryReading | undefined> {
  try {
    return parseProcStatus(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param status text of Linux's /proc/PID/status @returns undefined for a process that has no memory any more */
export function parseProcStatus(status: string): MemoryReading | undefined {
  const bytes = (field: string): number | undefined => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  const [resident, peak, anonymous] = [bytes('VmRSS'), bytes('VmHWM'), bytes('RssAnon')];
  if (resident === undefined) return undefined;
  return {
    resident,
    ...(peak !== undefined && { peak }),
    ...(anonymous !== undefined && { anonymous }),
  };
}
