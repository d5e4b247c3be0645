/** Reading files again while nobody needs the machine, to find damage before it is loaded. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../errors';
import { NODE_FILES, type FileLayer, type OpenFile } from './fileLayer';
import { throwIfAborted } from './fileWork';

/** A file with the sum that it must have. */
export interface CheckTarget {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface IdleCheckOptions {
  readonly signal?: AbortSignal;
  /** Whether it may go on now; asked before each read. Default: always. */
  readonly isIdle?: () => boolean;
  /** The part of the time that it works, over 0 and up to 1. */
  readonly dutyCycle?: number;
  readonly files?: FileLayer;
}

/** Bytes per read: some milliseconds of work, so that it is out of the way at once. */
const READ_BYTES = 1024 * 1024;
/** One core is busy a tenth of the time: half a gigabyte takes some ten seconds. */
const DUTY_CYCLE = 0.1;
/** How often it looks whether it may go on, in milliseconds. */
const WAIT_MS = 500;

/**
 * Hashes files a little at a time and says which of them are damaged: missing, of another size, or with another sum.
 * A file that cannot be read counts as damaged, too.
 *
 * @returns the damaged ones
 * @throws EngineError `aborted`
 */
export async function verifyWhenIdle(
  targets: readonly CheckTarget[],
  options: IdleCheckOptions = {},
): Promise<CheckTarget[]> {
  const damaged: CheckTarget[] = [];
  for (const target of targets) {
    throwIfAborted(options.signal);
    const good = await isGood(target, options).catch((error: unknown) => {
      throwIfAborted(options.signal);
      if (error instanceof EngineError) throw error;
      return false;
    });
    if (!good) damaged.push(target);
  }
  return damaged;
}

async function isGood(target: CheckTarget, options: IdleCheckOptions): Promise<boolean> {
  const file = await (options.files ?? NODE_FILES).open(target.path, 'r');
  try {
    return (await file.stat()).size === target.bytes && (await slowHash(file, options)) === target.sha256;
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function slowHash(file: OpenFile, options: IdleCheckOptions): Promise<string> {
  const { signal, isIdle = () => true, dutyCycle = DUTY_CYCLE } = options;
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let position = 0; ;) {
    while (!isIdle()) await pause(WAIT_MS, signal);
    const start = performance.now();
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
    const worked = performance.now() - start;
    await pause(worked * (1 / dutyCycle - 1), signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  throwIfAborted(signal);
}
