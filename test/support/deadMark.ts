import { spawnSync } from 'node:child_process';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import type { SessionPhase, VariantChoice } from '../../src/inference/engine';
import { SessionMarker } from '../../src/inference/store/sessionMarker';

let deadPid: number | undefined;

export interface DeadMark {
  readonly phase: SessionPhase;
  readonly model?: string;
  readonly variant?: VariantChoice;
  /** How long ago it was written last, in milliseconds. */
  readonly ageMs?: number;
}

/**
 * Leaves the mark of a session whose process has died.
 * @param cacheDir folder of converted graphs
 * @param changes other values of its file
 * @returns its path
 */
export async function leaveDeadMark(
  cacheDir: string,
  { phase, model = 'Qwen2.5-Coder 0.5B', variant = 'fast', ageMs = 0 }: DeadMark,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  deadPid ??= spawnSync(process.execPath, ['-e', '']).pid;
  const marker = await SessionMarker.create(cacheDir, { model, variant });
  if (marker === undefined) throw new Error(`no mark can be left in ${cacheDir}`);
  const mark = JSON.parse(await readFile(marker.path, 'utf8')) as object;
  await writeFile(marker.path, JSON.stringify({ ...mark, pid: deadPid, phase, ...changes }));
  const date = (Date.now() - ageMs) / 1000;
  await utimes(marker.path, date, date);
  return marker.path;
}
