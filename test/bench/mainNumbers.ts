/** The main numbers of a run, as `--json` writes them. */
import type { BenchReport } from './benchReport';
import { PREFILL_TOKENS, type EngineKind, type EngineNumbers } from './compareEngines';
import { msPerToken } from './drafts/measureDrafts';
import { pairRatios, percentile } from './statistics';

/** Times in milliseconds, memory in bytes; absent where it was not measured. */
export interface MainNumber {
  readonly ours: number;
  readonly llamaCppPrebuilt?: number;
  readonly llamaCppNative?: number;
  /** Above 1 where ours is better; median of neighbouring pairs, where there are pairs. */
  readonly ratioToNative?: number;
}

export const MAIN_NUMBERS = [
  'prefill512',
  'decode',
  'draftedDecode',
  'nextKeystroke',
  'load',
  'memory',
] as const;
export type MainNumbers = Readonly<Record<(typeof MAIN_NUMBERS)[number], MainNumber>>;

/** `draftedDecode` is that of edits, beside llama.cpp's usual decode; `nextKeystroke` is without a kept suffix. */
export function mainNumbers({ engines, drafts }: BenchReport): MainNumbers {
  const [ours] = engines as readonly [EngineNumbers];
  const of = (kind: EngineKind): EngineNumbers | undefined => engines.find((one) => one.kind === kind);
  const number = (values: (numbers: EngineNumbers) => readonly number[], ownValues = values): MainNumber => {
    const [prebuilt, native] = [of('prebuilt'), of('native')];
    const own = ownValues(ours);
    const ratios = (theirs: readonly number[]): readonly number[] =>
      theirs.length === own.length ? pairRatios(theirs, own) : [percentile(theirs, 50) / percentile(own, 50)];
    return {
      ours: percentile(own, 50),
      ...(prebuilt !== undefined && { llamaCppPrebuilt: percentile(values(prebuilt), 50) }),
      ...(native !== undefined && {
        llamaCppNative: percentile(values(native), 50),
        ratioToNative: percentile(ratios(values(native)), 50),
      }),
    };
  };
  const decode = ({ decodeMs }: EngineNumbers): readonly number[] => decodeMs;
  const drafted = drafts.edits.map((text) => msPerToken(text.with));
  return {
    prefill512: number(({ prefill }) => prefill.find(({ tokens }) => tokens === PREFILL_TOKENS)?.ms ?? []),
    decode: number(decode),
    draftedDecode: number(decode, () => [percentile(drafted, 50)]),
    nextKeystroke: number(({ keystrokes }) => keystrokes.ms),
    load: number(({ loadMs }) => loadMs),
    memory: number(({ memoryWorked }) => [memoryWorked.resident]),
  };
}
