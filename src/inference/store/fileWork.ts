/** How long work on files is watched and given up. */
import { EngineError } from '../errors';
import type { FileLayer } from './fileLayer';

export interface FileWork {
  readonly signal?: AbortSignal;
  /** `done` and `total` in bytes. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly files?: FileLayer;
}

/** @throws EngineError `aborted` once the signal is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new EngineError('aborted', 'Cancelled.');
}
