/** The numbers as Markdown tables. */
import type { BenchReport } from './benchReport';
import {
  ENGINES,
  FIM_PREFIX_TOKENS,
  FIM_SUFFIX_TOKENS,
  PREFILL_TOKENS,
  type EngineNumbers,
} from './compareEngines';
import { KEYSTROKE_INTERVAL_MS } from './measureProduct';
import { pairRatios, percentile, summarize } from './statistics';

/** All tables of a run. */
export function renderReport(report: BenchReport): string {
  return [
    header(report),
    comparison(report),
    ours(report),
    chunks(report),
    aborts(report),
    eventLoop(report),
  ].join('\n\n');
}

function header({ machine, run, engines }: BenchReport): string {
  return [
    `Run of ${run.date} by \`${run.command}\` (${run.minutes.toFixed(1)} minutes). ` +
      `Load averages over 1, 5 and 15 minutes: ${run.loadBefore} before, ${run.loadAfter} after.`,
    '',
    `- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.instructions}, ` +
      `${machine.memoryGb} GB; ${machine.system}; Node ${machine.node}`,
    `- Model: ${run.model}; ${run.threads} threads for each engine`,
    ...ENGINES.map((name) => `- ${name}: ${engines[name].version}`),
  ].join('\n');
}

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly digits: number;
  readonly values: (numbers: EngineNumbers) => readonly number[];
}

const COMPARED: readonly Row[] = [
  { what: 'load', unit: 's', digits: 2, values: ({ loadMs }) => loadMs.map((ms) => ms / 1000) },
  {
    what: `prefill of ${PREFILL_TOKENS} tokens`,
    unit: 's',
    digits: 2,
    values: ({ prefillMs }) => prefillMs.map((ms) => ms / 1000),
  },
  {
    what: 'the same as speed',
    unit: 'tokens/s',
    digits: 0,
    values: ({ prefillMs }) => prefillMs.map((ms) => (PREFILL_TOKENS / ms) * 1000),
  },
  { what: 'decode, per token', unit: 'ms', digits: 1, values: ({ decodeMs }) => decodeMs },
  {
    what: `first token after a keystroke (${FIM_PREFIX_TOKENS} before, ${FIM_SUFFIX_TOKENS} after the cursor)`,
    unit: 'ms',
    digits: 0,
    values: ({ keystrokeMs }) => keystrokeMs,
  },
];

function comparison({ engines }: BenchReport): string {
  const lines = COMPARED.map(({ what, unit, digits, values }) => {
    const [our, their] = [values(engines.ours), values(engines['llama.cpp'])];
    const cells = [our, their].map((list) => `${spread(list, digits)} ${unit}`);
    return row([what, ...cells, spread(pairRatios(our, their), 2)]);
  });
  const memory = (what: string, bytes: (numbers: EngineNumbers) => number | undefined): string => {
    const [our, their] = [bytes(engines.ours), bytes(engines['llama.cpp'])];
    const ratio = our === undefined || their === undefined ? '' : (our / their).toFixed(2);
    return row([what, megabytes(our), megabytes(their), ratio]);
  };
  return [
    '### Beside llama.cpp',
    '',
    row(['', 'ours', 'llama.cpp', 'ours ÷ llama.cpp']),
    row(['---', '---', '---', '---']),
    ...lines,
    memory('memory, resident after loading', ({ memoryLoaded }) => memoryLoaded.resident),
    memory('memory, resident after the prefills', ({ memoryWorked }) => memoryWorked.resident),
    memory('of that not mapped from a file', ({ memoryWorked }) => memoryWorked.anonymous),
    memory('memory, peak', ({ memoryWorked }) => memoryWorked.peak),
    '',
    `Medians, with minimum and maximum of ${engines.ours.prefillMs.length} rounds ` +
      `(${engines.ours.keystrokeMs.length} keystrokes); ratios are of pairs measured one after the other. ` +
      `A keystroke had at most ${engines.ours.keystrokeTokens} (ours) and ` +
      `${engines['llama.cpp'].keystrokeTokens} (llama.cpp) tokens evaluated.`,
  ].join('\n');
}

function ours({ conversion }: BenchReport): string {
  const { convertMs, restMs, peakBytes } = conversion;
  return [
    '### First start',
    '',
    `Converting once takes ${seconds(convertMs)} s, everything else at the first start (above all the SHA-256 of the ` +
      `weights) ${seconds(restMs)} s; peak memory ${megabytes(peakBytes)}. llama.cpp needs no such step.`,
  ].join('\n');
}

function chunks({ chunks: found }: BenchReport): string {
  return [
    '### Prefill by chunk length',
    '',
    row(['tokens per chunk', 'speed', `${PREFILL_TOKENS} tokens`, 'one chunk, median', 'one chunk, longest']),
    row(['---', '---', '---', '---', '---']),
    ...found.map(({ chunkTokens, totalMs, chunkMs }) => {
      const total = percentile(totalMs, 50);
      return row([
        String(chunkTokens),
        `${((PREFILL_TOKENS / total) * 1000).toFixed(0)} tokens/s`,
        `${spread(
          totalMs.map((ms) => ms / 1000),
          2,
        )} s`,
        `${percentile(chunkMs, 50).toFixed(0)} ms`,
        `${percentile(chunkMs, 100).toFixed(0)} ms`,
      ]);
    }),
  ].join('\n');
}

function aborts({ aborts: found }: BenchReport): string {
  const line = (phase: 'prefill' | 'decode'): string => {
    const list = found[phase];
    return row([
      phase,
      String(list.length),
      ...[50, 99, 100].map((percent) => `${percentile(list, percent).toFixed(0)} ms`),
    ]);
  };
  return [
    '### From withdrawing a request to an idle engine',
    '',
    row(['during', 'aborts', 'p50', 'p99', 'longest']),
    row(['---', '---', '---', '---', '---']),
    line('prefill'),
    line('decode'),
  ].join('\n');
}

function eventLoop({ typing, run }: BenchReport): string {
  return [
    `### Event loop of the client's process, ${run.keystrokes} keystrokes ${KEYSTROKE_INTERVAL_MS} ms apart`,
    '',
    row(['', 'p50', 'p99', 'longest', 'requests to the engine', 'engine at work']),
    row(['---', '---', '---', '---', '---', '---']),
    ...typing.map(({ name, runs }) =>
      row([
        name,
        ...(['p50', 'p99', 'max'] as const).map(
          (key) =>
            `${spread(
              runs.map((found) => found[key]),
              1,
            )} ms`,
        ),
        String(
          percentile(
            runs.map(({ requests }) => requests),
            50,
          ),
        ),
        `${(
          100 *
          percentile(
            runs.map(({ busyShare }) => busyShare),
            50,
          )
        ).toFixed(0)} %`,
      ]),
    ),
  ].join('\n');
}

/** "median (min..max)" */
function spread(values: readonly number[], digits: number): string {
  const { median, min, max } = summarize(values);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}..${max.toFixed(digits)})`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`;
