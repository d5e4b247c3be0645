/**
 * What is remembered of sessions that ended unexpectedly, for all windows of this machine: a variant that keeps taking
 * the process with it is no longer chosen by itself.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreviousEnd, Variant } from '../engine';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import { writeFileAtomically } from './atomicFile';
import { takeUncleanEnds } from './sessionMarker';
import { noteUncleanEnd } from './uncleanEnd';

const FILE = 'crashes.json';

/** Older ends say little about today's drivers, memory and versions, in milliseconds. */
const REMEMBERED_MS = 14 * 24 * 60 * 60_000;
const MAX_REMEMBERED = 50;

/**
 * Ends of one variant at work after which it is avoided, where no session with it ended well in between: one may have
 * been a person's kill.
 */
const AVOIDED_AFTER = 2;

interface RememberedEnd extends PreviousEnd {
  readonly graphVersion: number;
}

/**
 * Takes the marks of sessions whose process is gone, and remembers them.
 * @param cacheDir folder of converted graphs
 * @returns the ends that nobody has been told of yet, the latest last; never rejects
 */
export async function collectUncleanEnds(cacheDir: string): Promise<PreviousEnd[]> {
  const ends = await takeUncleanEnds(cacheDir);
  if (ends.length === 0) return [];
  await noteUncleanEnd(cacheDir);
  const known = await recall(cacheDir);
  const all = [...known, ...ends.map((end) => ({ ...end, graphVersion: GRAPH_VERSION }))];
  await mkdir(cacheDir, { recursive: true })
    .then(() => writeFileAtomically(join(cacheDir, FILE), JSON.stringify(all.slice(-MAX_REMEMBERED))))
    .catch(() => undefined);
  return ends;
}

/**
 * Remembered ends of sessions that were loading or running: those that may have been the engine's own fault.
 * @param sinceMs how far back, in milliseconds
 */
export async function recentCrashes(cacheDir: string, sinceMs = REMEMBERED_MS): Promise<PreviousEnd[]> {
  const now = Date.now();
  return (await recall(cacheDir)).filter(({ phase, at }) => phase !== 'idle' && now - at < sinceMs);
}

/**
 * Variants that the automatic choice is to leave out; a person may still choose them. Never *exact*; *fast7* goes with
 * *fast*, since both compute with the same kernels.
 */
export async function avoidedVariants(cacheDir: string): Promise<Variant[]> {
  const crashes = await recentCrashes(cacheDir);
  const avoided = (variant: Variant): boolean =>
    crashes.filter((end) => end.variant === variant).length >= AVOIDED_AFTER;
  if (avoided('fast')) return ['fast', 'fast7'];
  return avoided('fast7') ? ['fast7'] : [];
}

/**
 * A session with a variant has served requests and was closed in good order: what ended others before was not the
 * variant itself. Never rejects.
 */
export async function noteGoodEnd(cacheDir: string, variant: Variant): Promise<void> {
  const known = await recall(cacheDir);
  const kept = known.filter((end) => end.variant !== variant);
  if (kept.length === known.length) return;
  await writeFileAtomically(join(cacheDir, FILE), JSON.stringify(kept)).catch(() => undefined);
}

/** What is remembered of graphs as they are built today; a history that cannot be read is an empty one. */
async function recall(cacheDir: string): Promise<RememberedEnd[]> {
  try {
    const value: unknown = JSON.parse(await readFile(join(cacheDir, FILE), 'utf8'));
    return Array.isArray(value) ? value.filter(isRememberedEnd) : [];
  } catch {
    return [];
  }
}

function isRememberedEnd(value: unknown): value is RememberedEnd {
  if (typeof value !== 'object' || value === null) return false;
  const { phase, model, variant, at, graphVersion } = value as Partial<RememberedEnd>;
  return (
    typeof phase === 'string' &&
    typeof model === 'string' &&
    typeof variant === 'string' &&
    typeof at === 'number' &&
    Date.now() - at < REMEMBERED_MS &&
    graphVersion === GRAPH_VERSION
  );
}
