import type { ByEngine, EngineNumbers } from './compareEngines';
import type { Machine } from './machine';
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
    readonly keystrokes: number;
    readonly minutes: number;
    readonly loadBefore: string;
    readonly loadAfter: string;
  };
  readonly engines: ByEngine<EngineNumbers>;
  readonly conversion: ConversionNumbers;
  readonly chunks: readonly ChunkNumbers[];
  readonly aborts: AbortNumbers;
  readonly typing: readonly TypingNumbers[];
}
