/**
 * Errors of the engine, as codes that survive a thread border.
 *
 * `postMessage` drops an Error subclass's class and extra fields, so errors travel as `WireError` and are rebuilt
 * on the other side. The code decides what the editor tells the person; the message is for people, the detail for
 * the log.
 */

export const ENGINE_ERROR_CODES = [
  /** The caller withdrew the request; never shown. */
  'aborted',
  /** No weights at the expected place. */
  'model-missing',
  /** The file is not a readable GGUF: truncated, out of bounds, wrong types. */
  'model-corrupt',
  /** A sound GGUF that this engine cannot run (architecture, tensor type, pre-tokenizer). */
  'model-unsupported',
  /** The file's SHA-256 is not the one that was promised. */
  'checksum-mismatch',
  /** Converted files failed their check and could not be rebuilt. */
  'converted-corrupt',
  'disk-full',
  /** Any other failed file operation. */
  'io',
  'network',
  /** `onnxruntime-node` does not load on this machine. */
  'native-unavailable',
  /** The native library failed inside a run or while loading a graph. */
  'native-failure',
  'out-of-memory',
  /** The worker thread ended while calls were pending. */
  'worker-died',
  /** The worker thread owed answers and gave no sign of life for very long; it was given up. */
  'worker-stalled',
  /** The prompt and the wanted answer do not fit the context. */
  'context-overflow',
  'invalid-request',
  /** The engine is being closed. */
  'shutting-down',
  /** A bug of ours. */
  'internal',
] as const;

export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number];

/** The form in which an error crosses a thread border. */
export interface WireError {
  readonly code: EngineErrorCode;
  readonly message: string;
  /** Facts for the log: paths, sizes, the original message. Never prompt text. */
  readonly detail?: Readonly<Record<string, string | number>>;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    readonly detail?: Readonly<Record<string, string | number>>,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    };
  }

  static fromWire(wire: WireError): EngineError {
    return new EngineError(wire.code, wire.message, wire.detail);
  }

  /** Wraps anything thrown into an `EngineError`; system errors are recognised by their `code`. */
  static from(error: unknown, fallback: EngineErrorCode = 'internal'): EngineError {
    if (error instanceof EngineError) return error;
    const message = error instanceof Error ? error.message : String(error);
    const systemCode = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const detail = systemCode === undefined ? undefined : { systemCode };
    const code = codeOfSystemError(systemCode) ?? (isFailedAllocation(error) ? 'out-of-memory' : fallback);
    return new EngineError(code, message, detail, { cause: error });
  }
}

function codeOfSystemError(systemCode: string | undefined): EngineErrorCode | undefined {
  switch (systemCode) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'disk-full';
    case 'ENOMEM':
    case 'ERR_MEMORY_ALLOCATION_FAILED':
      return 'out-of-memory';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'EBUSY':
    case 'EXDEV':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return 'io';
    default:
      return undefined;
  }
}

/** What V8 throws when there is no memory for an array's content; it has no code. */
const isFailedAllocation = (error: unknown): boolean =>
  error instanceof RangeError && error.message === 'Array buffer allocation failed';

/**
 * Whether a native library's words mean that memory was short: it throws plain errors, and only their text tells. The
 * last two are the dynamic linker's.
 */
export const tellsOfMemoryShortage = (words: string): boolean =>
  /bad_alloc|out of memory|failed to allocate|array buffer allocation|cannot allocate memory|failed to map segment/i.test(
    words,
  );

export const isAborted = (error: unknown): boolean =>
  error instanceof EngineError && error.code === 'aborted';
