/** When a loaded model that nobody uses gives its memory back. */
import { LOW_MEMORY_BYTES } from '../inference/store/makeRoom';

/** Why the engine's session was released: nobody is told of an error, for it comes back on demand. */
export type SleepReason = 'idle' | 'memory' | 'other-window';

/**
 * Under memory pressure the engine goes once it has been unused for this long, in milliseconds: what was asked for a
 * moment ago will likely be asked for again, and loading anew at each keystroke would press harder still.
 */
export const QUIET_UNDER_PRESSURE_MS = 60_000;

/** For another window, whose person is waiting now, the pause after a keystroke is enough. In milliseconds. */
export const QUIET_FOR_OTHERS_MS = 10_000;

export interface SleepFacts {
  /** A request is under way, or a load. */
  readonly inUse: boolean;
  /** Milliseconds since the last use. */
  readonly idleMs: number;
  /** After how much of it the engine goes; 0 for never. */
  readonly idleLimitMs: number;
  /** Bytes; undefined where it is not known. */
  readonly availableBytes: number | undefined;
  /** Another window wants the memory. */
  readonly asked: boolean;
}

/** @returns why the engine is to be released now, or undefined when it is to stay */
export function sleepReason(facts: SleepFacts): SleepReason | undefined {
  const { inUse, idleMs, idleLimitMs, availableBytes = Infinity, asked } = facts;
  if (inUse) return undefined;
  if (asked && idleMs >= QUIET_FOR_OTHERS_MS) return 'other-window';
  if (idleLimitMs > 0 && idleMs >= idleLimitMs) return 'idle';
  if (availableBytes < LOW_MEMORY_BYTES && idleMs >= QUIET_UNDER_PRESSURE_MS) return 'memory';
  return undefined;
}
