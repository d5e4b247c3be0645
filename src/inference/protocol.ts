/**
 * What the engine's client and its server say to each other. Every request has an id; every answer names it.
 * Messages are plain data (structured clone), apart from `abort`, which is shared memory.
 */
import type {
  GenerateRequest,
  GenerateStats,
  FinishReason,
  LoadedModel,
  LoadPhase,
  VariantChoice,
} from './engine';
import type { WireError } from './errors';

/** What the server needs to bring a model up. */
export interface LoadOptions {
  /** Absolute path of the GGUF. */
  readonly modelPath: string;
  /** What the model is called to people; otherwise the name that the file gives itself. */
  readonly displayName?: string;
  /** Folder for converted graphs; created on demand. */
  readonly cacheDir: string;
  /** SHA-256 (hex) the file must have; unknown for a file of the person's own. */
  readonly expectedSha256?: string;
  /** Upper bound on prompt plus answer in tokens; the model's own limit also holds. */
  readonly contextTokens: number;
  /** Intra-op threads of the native session. */
  readonly threads: number;
  /** Absent means `auto`. */
  readonly variant?: VariantChoice;
}

/**
 * Shared memory of a call. The native run blocks the worker's event loop, so a message could not be read in time; the
 * server looks here between tokens, between prefill chunks and while it converts. It counts its looks, which tells the
 * client that it goes on.
 */
export type AbortFlag = SharedArrayBuffer;

/** Int32 cells of an `AbortFlag`. */
export const ABORT_FLAG = {
  /** 0 while wanted, 1 once withdrawn; written by the client. */
  withdrawn: 0,
  /** How often the server has looked; wraps around. */
  looks: 1,
  bytes: 8,
} as const;

export type ToServer =
  | {
      readonly type: 'load';
      readonly id: number;
      readonly options: LoadOptions;
      readonly abort: AbortFlag;
      /** Path of the session's mark on disk, to be kept true. */
      readonly marker?: string;
    }
  | {
      readonly type: 'generate';
      readonly id: number;
      readonly request: GenerateRequest;
      readonly abort: AbortFlag;
    }
  | { readonly type: 'countTokens'; readonly id: number; readonly text: string }
  /** Whether background generations are to wait; has no answer. */
  | { readonly type: 'hold'; readonly id: 0; readonly on: boolean }
  /** Withdraws everything, frees the session, answers `closed`, and lets the thread run out. */
  | { readonly type: 'close'; readonly id: number };

export type FromServer =
  | { readonly type: 'progress'; readonly id: number; readonly phase: LoadPhase; readonly fraction?: number }
  | { readonly type: 'loaded'; readonly id: number; readonly model: LoadedModel }
  | { readonly type: 'prefilled'; readonly id: number; readonly stats: GenerateStats }
  | {
      readonly type: 'text';
      readonly id: number;
      readonly text: string;
      readonly tokens: number;
      readonly logProbability: number;
    }
  | {
      readonly type: 'end-score';
      readonly id: number;
      readonly at: number;
      readonly logProbability: number;
    }
  | {
      readonly type: 'done';
      readonly id: number;
      readonly reason: FinishReason;
      readonly stats: GenerateStats;
      readonly logProbability?: number;
    }
  | { readonly type: 'tokenCount'; readonly id: number; readonly count: number }
  | { readonly type: 'closed'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError };
