/** What was promised for each model, mostly beside llama.cpp, and what a run achieved of it. */
import type { BenchReport } from './benchReport';
import {
  LONG_PREFILL_TOKENS,
  PREFILL_TOKENS,
  SHORT_PREFILL_TOKENS,
  type EngineKind,
  type EngineNumbers,
} from './compareEngines';
import { draftRatios, msPerToken } from './drafts/measureDrafts';
import { pairRatios, percentile, summarize, type Summary } from './statistics';

export interface Target {
  readonly what: string;
  /** Beside which llama.cpp; what has none is held against ours alone. */
  readonly against?: Exclude<EngineKind, 'ours'>;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Not only the median has to be on the right side, but the smallest value too. */
  readonly each?: true;
  /** Decimals shown. */
  readonly digits: number;
  /** Values of a run, one per round or text; `theirs` are those of `against`. */
  readonly values: (run: Run, theirs: EngineNumbers) => readonly number[];
}

interface Run {
  readonly report: BenchReport;
  readonly ours: EngineNumbers;
}

export interface TargetResult {
  readonly target: Target;
  /** Undefined where it was not measured. */
  readonly achieved?: Summary;
  /** Whether the median is on the right side, or each value where each has to be. */
  readonly met?: boolean;
}

const prefillMs = ({ prefill }: EngineNumbers, length: number): readonly number[] =>
  prefill.find(({ tokens }) => tokens === length)?.ms ?? [];

const prefill = (against: Exclude<EngineKind, 'ours'>, tokens: number, atLeast: number): Target => ({
  what: `speed of prefill, ${tokens} tokens`,
  ...{ against, atLeast, digits: 2 },
  values: ({ ours }, theirs) => pairRatios(prefillMs(theirs, tokens), prefillMs(ours, tokens)),
});

const sooner = (
  what: string,
  atLeast: number,
  times: (numbers: EngineNumbers) => readonly number[],
): Target => ({
  ...{ what, against: 'native', atLeast, digits: 2 },
  values: ({ ours }, theirs) => pairRatios(times(theirs), times(ours)),
});

const drafted = (what: string, kind: 'fresh' | 'prose'): Target => ({
  what: `speed of decode of ${what} with drafts ÷ without, each text`,
  ...{ atLeast: 0.95, each: true, digits: 2 },
  values: ({ report }) => draftRatios(report.drafts[kind]),
});

const load = (against: Exclude<EngineKind, 'ours'>): Target => ({
  ...{ what: 'time to load', against, atMost: 0.6, digits: 2 },
  values: ({ ours }, theirs) => pairRatios(ours.loadMs, theirs.loadMs),
});

const memory = (against: Exclude<EngineKind, 'ours'>): Target => ({
  ...{ what: 'memory, resident after the prefills', against, atMost: 1, digits: 2 },
  values: ({ ours }, theirs) => [ours.memoryWorked.resident / theirs.memoryWorked.resident],
});

const abort = (phase: 'decode' | 'prefill', atMost: number): Target => ({
  what: `from withdrawing a request to an idle engine, 99th percentile, ${phase}, in ms`,
  ...{ atMost, digits: 0 },
  values: ({ report }) => [percentile(report.aborts[phase], 99)],
});

const nothingDrafted = (atLeast: number): Target =>
  sooner('speed of decode, nothing drafted', atLeast, ({ decodeMs }) => decodeMs);

const SMALL: readonly Target[] = [
  prefill('prebuilt', PREFILL_TOKENS, 5),
  prefill('native', SHORT_PREFILL_TOKENS, 4),
  prefill('native', PREFILL_TOKENS, 4),
  prefill('native', LONG_PREFILL_TOKENS, 3.5),
  nothingDrafted(1.25),
  {
    what: 'speed of decode of real edits, with drafts',
    ...{ against: 'native', atLeast: 2.5, digits: 2 },
    values: ({ report }, theirs) => {
      const usual = percentile(theirs.decodeMs, 50);
      return report.drafts.edits.map((text) => usual / msPerToken(text.with));
    },
  },
  drafted('fresh code', 'fresh'),
  drafted('prose', 'prose'),
  sooner('first token after a keystroke, times sooner', 3.5, ({ keystrokes }) => keystrokes.ms),
  sooner('the same, with the suffix kept by ours', 20, ({ keptKeystrokes }) => keptKeystrokes.ms),
  abort('decode', 60),
  abort('prefill', 150),
  load('prebuilt'),
  load('native'),
  memory('prebuilt'),
  memory('native'),
];

/** By model. Speeds as ours ÷ theirs, so more is better; times and memory too, so less is better. */
const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  '0.5b': SMALL,
  '1.5b': [
    ...[SHORT_PREFILL_TOKENS, PREFILL_TOKENS, LONG_PREFILL_TOKENS].map((tokens) =>
      prefill('native', tokens, 3),
    ),
    nothingDrafted(1),
  ],
};

/** The targets are for the first of our variants; none for a model that nothing was promised of. */
export function judgeTargets(report: BenchReport): TargetResult[] {
  const [ours] = report.engines as readonly [EngineNumbers];
  return (TARGETS[report.run.targetsOf] ?? []).map((target) => {
    const theirs =
      target.against === undefined ? ours : report.engines.find(({ kind }) => kind === target.against);
    if (theirs === undefined) return { target };
    const achieved = summarize(target.values({ report, ours }, theirs));
    const { atLeast = -Infinity, atMost = Infinity } = target;
    const least = target.each === true ? achieved.min : achieved.median;
    return { target, achieved, met: least >= atLeast && achieved.median <= atMost };
  });
}
