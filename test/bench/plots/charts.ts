/** The charts of a run as Vega-Lite specifications. */
import type { BenchReport } from '../benchReport';
import { PREFILL_TOKENS } from '../compareEngines';
import { named } from '../operators/operatorsTable';
import { judgeTargets } from '../targets';

/** A Vega-Lite specification: plain data, checked by the library that draws it. */
export type ChartSpec = Readonly<Record<string, unknown>>;

const OURS = '#3b6fd4';
const THEIRS = '#9aa4b2';
const COMMON = {
  background: 'white',
  padding: 16,
  config: {
    font: 'sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 12, grid: false },
    title: { anchor: 'start', fontSize: 15, subtitleFontSize: 12, subtitleColor: '#555' },
    view: { stroke: null },
  },
};

const machineLine = ({ machine, run }: BenchReport): string =>
  `${run.model}, ${run.threads} threads, ${machine.processor}; ${run.date}`;

/** How many times faster, sooner or smaller ours is than llama.cpp built natively. Undefined without that. */
export function ratioChart(report: BenchReport): ChartSpec | undefined {
  const values = judgeTargets(report).flatMap(({ target, achieved }) => {
    if (target.against !== 'native' || achieved === undefined) return [];
    // Times and memory are ours ÷ theirs in the targets.
    const ratio = target.atMost === undefined ? achieved.median : 1 / achieved.median;
    const what = target.what.replace(/^speed of /, '').replace(/, times sooner$/, '');
    // The number stands right of the bar and of the line at 1.
    return [{ what, ratio, labelAt: Math.max(1, ratio) }];
  });
  if (values.length === 0) return undefined;
  const y = { field: 'what', type: 'nominal', sort: null, title: null, axis: { labelLimit: 420 } };
  const x = {
    ...{ field: 'ratio', type: 'quantitative', scale: { type: 'log', domainMin: 0.5 } },
    ...{ title: 'times as good as llama.cpp (logarithmic)', axis: { values: [0.5, 1, 2, 4, 8, 16, 32] } },
  };
  return {
    ...COMMON,
    title: {
      text: 'Beside llama.cpp, built natively, same weights, same run',
      subtitle: machineLine(report),
    },
    width: 420,
    height: { step: 24 },
    data: { values },
    encoding: { y },
    layer: [
      {
        mark: { type: 'bar', height: 15 },
        encoding: {
          x,
          x2: { datum: 1 },
          color: { condition: { test: 'datum.ratio >= 1', value: OURS }, value: THEIRS },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 12 },
        encoding: { x: { ...x, field: 'labelAt' }, text: { field: 'ratio', format: '.2~f' } },
      },
      { mark: { type: 'rule', color: '#333' }, encoding: { x: { datum: 1 }, y: null } },
    ],
  };
}

/** Where the time of a prefill and of a decode step goes. */
export function operatorChart(report: BenchReport): ChartSpec {
  const of = (run: string, kind: 'prefill' | 'decode') => {
    const total = report.operators[kind].reduce((sum, { ms }) => sum + ms, 0);
    return named(report.operators[kind]).map(({ operator, ms }) => ({ run, operator, share: ms / total }));
  };
  const runs = [`prefill of ${PREFILL_TOKENS} tokens`, 'one token behind them'] as const;
  return {
    ...COMMON,
    title: { text: 'Where the time goes, by operator', subtitle: machineLine(report) },
    data: { values: [...of(runs[0], 'prefill'), ...of(runs[1], 'decode')] },
    facet: { field: 'run', type: 'nominal', title: null, sort: runs },
    columns: 1,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 420,
      height: { step: 20 },
      mark: { type: 'bar', color: OURS },
      encoding: {
        y: { field: 'operator', type: 'nominal', sort: '-x', title: null },
        x: { field: 'share', type: 'quantitative', axis: { format: '.0%' }, title: null },
      },
    },
  };
}

/** From a keystroke to the first token, keystroke by keystroke. */
export function keystrokeChart(report: BenchReport): ChartSpec {
  const [ours] = report.engines;
  const native = report.engines.find(({ kind }) => kind === 'native');
  const series = [
    { name: 'ours, suffix kept', ms: ours?.keptKeystrokes.ms ?? [], color: OURS },
    { name: 'ours, all evaluated', ms: ours?.keystrokes.ms ?? [], color: '#8fb0ee' },
    { name: 'llama.cpp, native', ms: native?.keystrokes.ms ?? [], color: THEIRS },
  ].filter(({ ms }) => ms.length > 0);
  return {
    ...COMMON,
    title: {
      text: 'From a keystroke to the first token, 1,000 tokens before the cursor and 250 behind it',
      subtitle: machineLine(report),
    },
    width: 560,
    height: 180,
    data: {
      values: series.flatMap(({ name, ms }) => ms.map((each) => ({ name, decade: Math.log10(each) }))),
    },
    mark: { type: 'bar', opacity: 0.9 },
    encoding: {
      x: {
        ...{ field: 'decade', bin: { step: 0.05 }, title: 'milliseconds (logarithmic)' },
        axis: { labelExpr: 'format(pow(10, datum.value), ".0f")', values: [1, 1.5, 2, 2.5, 3, 3.5] },
      },
      y: { aggregate: 'count', title: 'keystrokes' },
      color: {
        field: 'name',
        scale: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
        legend: { title: null, orient: 'top' },
      },
    },
  };
}
