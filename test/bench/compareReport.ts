/** The tables beside llama.cpp. */
import type { BenchReport } from './benchReport';
import { FIM_PREFIX_TOKENS, FIM_SUFFIX_TOKENS, PREFILL_TOKENS, type EngineNumbers } from './compareEngines';
import { head, megabytes, row, spread } from './markdown';
import { pairRatios, percentile } from './statistics';
import { judgeTargets, type TargetResult } from './targets';

/** Of whom the targets speak: the first of our variants. */
const mainOf = ({ engines }: BenchReport): EngineNumbers => engines[0] as EngineNumbers;

export function targetsTable(report: BenchReport): string {
  const main = mainOf(report);
  const line = ({ target, achieved, met }: TargetResult): string => {
    const wanted = target.atLeast !== undefined ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
    const beside = target.against === undefined ? '' : `, ÷ ${target.against}`;
    const cells = [`${target.what}${beside}`, wanted];
    if (achieved === undefined) return row([...cells, 'not measured', '']);
    return row([...cells, spread(achieved, target.digits), met === true ? 'yes' : 'no']);
  };
  return [
    '### Targets',
    '',
    head([`${main.name} ÷ llama.cpp`, 'target', 'here', 'met']),
    ...judgeTargets(report).map(line),
    '',
    'Medians of pairs measured one after the other, with minimum and maximum. The median decides, for ' +
      '“each text” the minimum.',
  ].join('\n');
}

interface Measure {
  readonly what: string;
  readonly unit: string;
  readonly digits: number;
  /** In the unit; none where it was not measured. */
  readonly values: (numbers: EngineNumbers) => readonly number[];
  /** Left out of the table of ratios, where it would say the same again. */
  readonly noRatio?: boolean;
}

const inSeconds = (list: readonly number[]): number[] => list.map((ms) => ms / 1000);

function measuresOf({ engines }: BenchReport): Measure[] {
  const lengths = (engines[0] as EngineNumbers).prefill.map(({ tokens }) => tokens);
  const prefill = ({ prefill: all }: EngineNumbers, tokens: number): readonly number[] =>
    all.find((one) => one.tokens === tokens)?.ms ?? [];
  return [
    { what: 'load', unit: 's', digits: 2, values: ({ loadMs }) => inSeconds(loadMs) },
    ...lengths.flatMap((tokens): Measure[] => [
      {
        what: `prefill of ${tokens} tokens`,
        unit: 's',
        digits: 2,
        values: (numbers) => inSeconds(prefill(numbers, tokens)),
      },
      {
        what: `the same as speed`,
        unit: 'tokens/s',
        digits: 0,
        values: (numbers) => prefill(numbers, tokens).map((ms) => (tokens / ms) * 1000),
        noRatio: true,
      },
    ]),
    {
      what: `decode behind ${PREFILL_TOKENS} tokens, per token`,
      unit: 'ms',
      digits: 1,
      values: ({ decodeMs }) => decodeMs,
    },
    {
      what: `first token after a keystroke (${FIM_PREFIX_TOKENS} before, ${FIM_SUFFIX_TOKENS} after the cursor)`,
      unit: 'ms',
      digits: 0,
      values: ({ keystrokes }) => keystrokes.ms,
    },
    {
      what: 'the same, with the suffix kept by ours',
      unit: 'ms',
      digits: 0,
      values: ({ keptKeystrokes }) => keptKeystrokes.ms,
    },
  ];
}

interface MemoryMeasure {
  readonly what: string;
  readonly bytes: (numbers: EngineNumbers) => number | undefined;
}

const MEMORY: readonly MemoryMeasure[] = [
  { what: 'memory, resident after loading', bytes: ({ memoryLoaded }) => memoryLoaded.resident },
  { what: 'memory, resident after the prefills', bytes: ({ memoryWorked }) => memoryWorked.resident },
  { what: 'of that not mapped from a file', bytes: ({ memoryWorked }) => memoryWorked.anonymous },
  { what: 'memory, peak', bytes: ({ memoryWorked }) => memoryWorked.peak },
];

/** What each engine took. */
export function valuesTable(report: BenchReport): string {
  const { engines } = report;
  const main = mainOf(report);
  return [
    '### Beside llama.cpp',
    '',
    head(['', ...engines.map(({ name }) => name)]),
    ...measuresOf(report).map(({ what, unit, digits, values }) =>
      row([what, ...engines.map((numbers) => `${spread(values(numbers), digits)} ${unit}`)]),
    ),
    ...MEMORY.map(({ what, bytes }) => row([what, ...engines.map((numbers) => megabytes(bytes(numbers)))])),
    '',
    `Medians, with minimum and maximum of ${main.prefill.map(({ tokens, ms }) => `${ms.length} (${tokens} tokens)`).join(', ')} ` +
      `rounds and ${main.keystrokes.ms.length} keystrokes. A keystroke had at most ` +
      `${engines.map(({ name, keystrokes: { tokens } }) => `${tokens} (${name})`).join(', ')} tokens evaluated, ` +
      `with the suffix kept ${main.keptKeystrokes.tokens} (${main.name}).` +
      ownClock(engines) +
      llamaBench(report),
  ].join('\n');
}

/** Pairs of each of our variants with each llama.cpp. */
export function ratiosTable(report: BenchReport): string {
  const ours = report.engines.filter(({ kind }) => kind === 'ours');
  const theirs = report.engines.filter(({ kind }) => kind !== 'ours');
  const pairs = ours.flatMap((our) => theirs.map((their) => ({ our, their })));
  const memoryRatio = (our: number | undefined, their: number | undefined): string =>
    our === undefined || their === undefined ? '' : (our / their).toFixed(2);
  return [
    '### Ratios',
    '',
    head(['', ...pairs.map(({ our, their }) => `${shortName(our)} ÷ ${shortName(their)}`)]),
    ...measuresOf(report)
      .filter(({ noRatio }) => noRatio !== true)
      .map(({ what, values }) =>
        row([what, ...pairs.map(({ our, their }) => spread(pairRatios(values(our), values(their)), 2))]),
      ),
    ...MEMORY.map(({ what, bytes }) =>
      row([what, ...pairs.map(({ our, their }) => memoryRatio(bytes(our), bytes(their)))]),
    ),
    '',
    'Times and memory of ours divided by those of llama.cpp, of the same round: below 1, ours needs less.',
  ].join('\n');
}

/** Without the word that all columns of a side share. */
const shortName = ({ name }: EngineNumbers): string => name.replace(/^.*, /, '');

function ownClock(engines: readonly EngineNumbers[]): string {
  return engines
    .filter(({ own }) => own.length > 0)
    .map(({ name, own }) => {
      const prefill = own.map(({ prefillMs }) => prefillMs / 1000);
      const decode = own.map(({ decodeMs }) => decodeMs);
      return (
        ` By its own clock, without HTTP, ${name} took ${spread(prefill, 2)} s for ${PREFILL_TOKENS} tokens and ` +
        `${spread(decode, 1)} ms per token.`
      );
    })
    .join('');
}

function llamaBench({ llamaBench: found }: BenchReport): string {
  if (found === undefined) return '';
  const speed = percentile(found.prefillMs, 50);
  return (
    ` \`llama-bench\` of the same build: ${spread(inSeconds(found.prefillMs), 2)} s for ${PREFILL_TOKENS} tokens ` +
    `(${((PREFILL_TOKENS / speed) * 1000).toFixed(0)} tokens/s), ${spread(found.decodeMs, 1)} ms per token.`
  );
}
