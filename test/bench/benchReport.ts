import type { Variant } from '../../src/inference/engine';
import type { EngineNumbers } from './compareEngines';
import type { DraftNumbers } from './drafts/measureDrafts';
import type { FloorNumbers } from './floors/measureFloors';
import type { LlamaBenchNumbers } from './llamaBench';
import type { Machine } from './machine';
import type { OperatorNumbers } from './operators/operatorBench';
import type { AbortNumbers, ChunkNumbers, ConversionNumbers, TypingNumbers } from './measureProduct';

/** All numbers of a run; what `--json` writes. */
export interface BenchReport {
  readonly machine: Machine;
  readonly run: {
    /** Year, month and day. */
    readonly date: string;
    readonly command: string;
    readonly model: string;
    readonly threads: number;
    readonly contextTokens: number;
    readonly keystrokes: number;
    readonly minutes: number;
    readonly loadBefore: string;
    readonly loadAfter: string;
    /** Name of the model, by which it has targets or none. */
    readonly targetsOf: string;
    /** Why there is no native llama.cpp in this run. */
    readonly nativeMissing?: string;
  };
  /** Ours first, the variant that the rest of the report is about before the others. */
  readonly engines: readonly EngineNumbers[];
  readonly llamaBench?: LlamaBenchNumbers;
  readonly conversions: readonly (ConversionNumbers & { readonly variant: Variant })[];
  readonly chunks: readonly ChunkNumbers[];
  readonly drafts: DraftNumbers;
  readonly floors: FloorNumbers;
  readonly operators: OperatorNumbers;
  readonly aborts: AbortNumbers;
  readonly typing: readonly TypingNumbers[];
}
