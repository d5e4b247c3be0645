/** What was promised beside llama.cpp for the 0.5B model, and what a run achieved of it. */
import { PREFILL_TOKENS, type EngineKind, type EngineNumbers } from './compareEngines';
import { pairRatios, summarize, type Summary } from './statistics';

export interface Target {
  readonly what: string;
  readonly against: Exclude<EngineKind, 'ours'>;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Quotients of a run, one per round. */
  readonly ratios: (ours: EngineNumbers, theirs: EngineNumbers) => number[];
}

export interface TargetResult {
  readonly target: Target;
  /** Undefined where the other engine was not measured. */
  readonly achieved?: Summary;
  /** Whether the median is on the right side. */
  readonly met?: boolean;
}

const prefillMs = ({ prefill }: EngineNumbers): readonly number[] =>
  prefill.find(({ tokens }) => tokens === PREFILL_TOKENS)?.ms ?? [];

const prefillSpeed: Target['ratios'] = (ours, theirs) => pairRatios(prefillMs(theirs), prefillMs(ours));
const load: Target['ratios'] = (ours, theirs) => pairRatios(ours.loadMs, theirs.loadMs);
const memory: Target['ratios'] = (ours, theirs) => [
  ours.memoryWorked.resident / theirs.memoryWorked.resident,
];

/** Speeds as ours ÷ theirs, so more is better; times and memory too, so less is better. */
export const TARGETS: readonly Target[] = [
  {
    what: `speed of prefill, ${PREFILL_TOKENS} tokens`,
    against: 'prebuilt',
    atLeast: 5,
    ratios: prefillSpeed,
  },
  {
    what: `speed of prefill, ${PREFILL_TOKENS} tokens`,
    against: 'native',
    atLeast: 3.5,
    ratios: prefillSpeed,
  },
  {
    what: 'speed of decode',
    against: 'native',
    atLeast: 1.1,
    ratios: (ours, theirs) => pairRatios(theirs.decodeMs, ours.decodeMs),
  },
  {
    what: 'first token after a keystroke, times sooner',
    against: 'native',
    atLeast: 3.5,
    ratios: (ours, theirs) => pairRatios(theirs.keystrokes.ms, ours.keystrokes.ms),
  },
  {
    what: 'the same, with the suffix kept by ours',
    against: 'native',
    atLeast: 20,
    ratios: (ours, theirs) => pairRatios(theirs.keptKeystrokes.ms, ours.keptKeystrokes.ms),
  },
  { what: 'time to load', against: 'prebuilt', atMost: 0.7, ratios: load },
  { what: 'time to load', against: 'native', atMost: 0.7, ratios: load },
  { what: 'memory, resident after the prefills', against: 'prebuilt', atMost: 1.15, ratios: memory },
  { what: 'memory, resident after the prefills', against: 'native', atMost: 1.15, ratios: memory },
];

/** @param ours the variant that the targets are for @param all with whom it took turns */
export function judgeTargets(ours: EngineNumbers, all: readonly EngineNumbers[]): TargetResult[] {
  return TARGETS.map((target) => {
    const theirs = all.find(({ kind }) => kind === target.against);
    if (theirs === undefined) return { target };
    const achieved = summarize(target.ratios(ours, theirs));
    const { atLeast = -Infinity, atMost = Infinity } = target;
    return { target, achieved, met: achieved.median >= atLeast && achieved.median <= atMost };
  });
}
