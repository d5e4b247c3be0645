/** Faults that a test has the engine's thread suffer at its n-th native run. */

/**
 * - `reject`: the run fails as the runtime lets it fail, by an exception
 * - `throw`: an exception that nobody catches
 * - `exit`: the thread ends itself
 * - `lost`: the run never answers; the thread's event loop goes on
 * - `block`: the thread stands still, as in a native run that does not return, until `FaultState.resume` is set
 * - `abort`: the native library divides by zero, which ends the process
 */
export type FaultKind = 'reject' | 'throw' | 'exit' | 'lost' | 'block' | 'abort';

export interface Fault {
  readonly kind: FaultKind;
  /** Counted from 1 over all runs of the thread; 0: while the graph is being loaded. */
  readonly run: number;
}

/** Int32 cells shared with the thread. */
export const FAULT_STATE = { runs: 0, reached: 1, resume: 2, bytes: 12 } as const;

/** What the thread is given as `workerData`. */
export interface FaultOrder {
  readonly fault: Fault | undefined;
  readonly state: SharedArrayBuffer;
}
