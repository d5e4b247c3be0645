/** The numbers as Markdown tables. */
import type { BenchReport } from './benchReport';
import { PREFILL_TOKENS } from './compareEngines';
import { ratiosTable, targetsTable, valuesTable } from './compareReport';
import { draftsTable } from './drafts/draftsTable';
import { floorsTable } from './floors/floorsTable';
import { head, megabytes, row, seconds, spread } from './markdown';
import { KEYSTROKE_INTERVAL_MS } from './measureProduct';
import { operatorsTable } from './operators/operatorsTable';
import { percentile } from './statistics';
import { judgeTargets } from './targets';
import { conversationsTable, workloadTable } from './workload/workloadTable';

/** All tables of a run. */
export function renderReport(report: BenchReport): string {
  return [
    header(report),
    ...(judgeTargets(report).length > 0 ? [targetsTable(report)] : []),
    ...[workloadTable(report) ?? [], conversationsTable(report) ?? []].flat(),
    valuesTable(report),
    ratiosTable(report),
    draftsTable(report),
    floorsTable(report),
    operatorsTable(report),
    firstStart(report),
    chunks(report),
    aborts(report),
    eventLoop(report),
  ].join('\n\n');
}

/** Average of the minute before the run, which a build alone does not reach. */
const BUSY_LOAD = 1.5;
const BUSY =
  ' **Others were at work**, which takes more from llama.cpp, whose threads wait for each other busily, than from ' +
  'ours: measure again on an idle machine before believing a ratio.';

function header({ machine, run, engines }: BenchReport): string {
  return [
    `Run of ${run.date} by \`${run.command}\` (${run.minutes.toFixed(1)} minutes). ` +
      `Load averages over 1, 5 and 15 minutes: ${run.loadBefore} before, ${run.loadAfter} after.` +
      (Number.parseFloat(run.loadBefore) > BUSY_LOAD ? BUSY : ''),
    '',
    `- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.instructions}, ` +
      `${machine.memoryGb} GB; ${machine.system}; Node ${machine.node}`,
    `- Model: ${run.model}; ${run.threads} threads and a context of ${run.contextTokens} tokens for each engine`,
    ...engines.map(({ name, version }) => `- ${name}: ${version}`),
    ...(run.nativeMissing === undefined ? [] : [`- llama.cpp, native: not measured. ${run.nativeMissing}`]),
  ].join('\n');
}

function firstStart({ conversions }: BenchReport): string {
  return [
    '### First start',
    '',
    head(['variant', 'converting, once', 'everything else', 'peak memory']),
    ...conversions.map(({ variant, convertMs, restMs, peakBytes }) =>
      row([variant, `${seconds(convertMs)} s`, `${seconds(restMs)} s`, megabytes(peakBytes)]),
    ),
    '',
    'Everything else is above all the SHA-256 of the weights. llama.cpp needs neither.',
  ].join('\n');
}

function chunks({ chunks: found }: BenchReport): string {
  return [
    '### Prefill by chunk length',
    '',
    head([
      'tokens per chunk',
      'speed',
      `${PREFILL_TOKENS} tokens`,
      'one chunk, median',
      'one chunk, longest',
    ]),
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
    head(['during', 'aborts', 'p50', 'p99', 'longest']),
    line('prefill'),
    line('decode'),
  ].join('\n');
}

function eventLoop({ typing, run }: BenchReport): string {
  return [
    `### Event loop of the client's process, ${run.keystrokes} keystrokes ${KEYSTROKE_INTERVAL_MS} ms apart`,
    '',
    head(['', 'p50', 'p99', 'longest', 'requests to the engine', 'engine at work']),
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
