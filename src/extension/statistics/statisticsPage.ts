/**
 * The page of *Show Statistics*: HTML without a script, so that its policy allows none. Every chart is drawn beside
 * the table of its numbers; the drawing is left out for screen readers, the table says the same.
 */
import { COMMANDS } from '../commandIds';
import { duration } from '../units';
import {
  addCounters,
  percentile,
  rowsBy,
  type Counters,
  type Day,
  type Latency,
  type Row,
  type Statistics,
} from './counts';

export interface StatisticsPageParts {
  readonly statistics: Statistics;
  readonly styleUri: string;
  /** What the page may load styles from. */
  readonly cspSource: string;
}

/** Days in the chart. */
const SHOWN_DAYS = 30;
/** Latency by what a person feels: at once, short of a pause, a pause, too late. In milliseconds. */
const LATENCY_BOUNDS = [100, 200, 400, 800, 1600, 3200] as const;
const NONE: Counters = { returned: 0, accepted: 0, judged: 0, kept: 0 };

/** Commands that the page's links run. */
export const PAGE_COMMANDS = [
  COMMANDS.showStatistics,
  COMMANDS.exportStatistics,
  COMMANDS.resetStatistics,
] as const;

export function statisticsPage({ statistics, styleUri, cspSource }: StatisticsPageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${escapeHtml(styleUri)}">
<title>Qwen Coder Statistics</title>
</head>
<body>
<main>
<h1>Suggestions on this machine</h1>
<p>Counted since ${new Date(statistics.since).toLocaleDateString('en', { dateStyle: 'long' })}. Kept in a file on this
machine and never sent.</p>
<p class="links">${link('Refresh', COMMANDS.showStatistics)} ${link('Export Statistics…', COMMANDS.exportStatistics)} ${link('Reset Statistics…', COMMANDS.resetStatistics)}</p>
${content(statistics)}
</main>
</body>
</html>`;
}

function content({ rows, days }: Statistics): string {
  const total = rows.reduce(addCounters, NONE);
  if (total.returned === 0) return '<p>No suggestion has been given yet. Type in a file of code.</p>';
  const latency = rowsBy(
    rows.map((row) => ({ ...row, model: '' })),
    'model',
  )[0]?.latency;
  return [
    summary(total, latency ?? {}),
    groups('By language', 'Language', 'language', rows),
    groups('By model', 'Model', 'model', rows),
    perDay(days.slice(-SHOWN_DAYS)),
    waits(latency ?? {}),
    DEFINITIONS,
  ].join('\n');
}

const DEFINITIONS = `<section>
<h2>What is counted</h2>
<dl>
<dt>Returned</dt><dd>A suggestion was given to the editor. The rest of one that you type along is not counted again.
Whether it was seen, an extension cannot know.</dd>
<dt>Accepted</dt><dd>It was taken as a whole; word by word is not counted until the last one.</dd>
<dt>Kept</dt><dd>30 seconds later, or when the file was closed before, at least two thirds of its characters still stood
there in their order, blanks aside, wherever the text had moved. The share is of those that could be looked at.</dd>
<dt>Wait</dt><dd>From the key to the answer. Half of the answers came within the median; 95 % within the other number.
Both are within a tenth of the truth.</dd>
</dl>
</section>`;

function summary(total: Counters, latency: Latency): string {
  const item = (name: string, value: string, note = ''): string =>
    `<div><dt>${name}</dt><dd>${value}${note === '' ? '' : ` <small>${note}</small>`}</dd></div>`;
  return `<dl class="summary">
${item('Returned', number(total.returned))}
${item('Accepted', number(total.accepted), `${share(total.accepted, total.returned)} of returned`)}
${item('Kept', number(total.kept), `${share(total.kept, total.judged)} of accepted`)}
${item('Median wait', waitOf(latency, 0.5), `95 % within ${waitOf(latency, 0.95)}`)}
</dl>`;
}

function groups(title: string, head: string, key: 'language' | 'model', rows: readonly Row[]): string {
  const found = rowsBy(rows, key);
  const most = Math.max(...found.map(({ returned }) => returned));
  return table(
    title,
    [head, ...COUNT_HEADS, 'Median wait', '95 % within'],
    found.map((row) => ({
      name: escapeHtml(row[key]),
      chart: bars(row, most),
      cells: [...countCells(row), waitOf(row.latency, 0.5), waitOf(row.latency, 0.95)],
    })),
  );
}

function perDay(days: readonly Day[]): string {
  const most = Math.max(1, ...days.map(({ returned }) => returned));
  const rows = days.map((day) => ({
    name: escapeHtml(day.day),
    chart: bars(day, most),
    cells: countCells(day),
  }));
  return table(`The last ${SHOWN_DAYS} days with suggestions`, ['Day', ...COUNT_HEADS], rows.reverse());
}

function waits(latency: Latency): string {
  const counts = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);
  for (const [index, returned] of Object.entries(latency)) {
    const ms = percentile({ [index]: 1 }, 1) ?? 0;
    const at = LATENCY_BOUNDS.findIndex((bound) => ms < bound);
    const group = at < 0 ? LATENCY_BOUNDS.length : at;
    counts[group] = (counts[group] ?? 0) + returned;
  }
  const all = counts.reduce((sum, one) => sum + one, 0);
  const most = Math.max(1, ...counts);
  const rows = counts.map((returned, at) => ({
    name: rangeOf(at),
    chart: drawing([['returned', returned / most]]),
    cells: [number(returned), share(returned, all)],
  }));
  return table('How long one waits', ['Wait', 'Suggestions', 'Share'], rows);
}

function rangeOf(at: number): string {
  const [from, to] = [LATENCY_BOUNDS[at - 1], LATENCY_BOUNDS[at]];
  if (from === undefined) return `under ${duration(to ?? 0)}`;
  return to === undefined ? `${duration(from)} and more` : `${duration(from)} to ${duration(to)}`;
}

interface TableRow {
  readonly name: string;
  readonly chart: string;
  readonly cells: readonly string[];
}

/**
 * A table with a bar chart in it. Where it is narrow the style lays its rows out as blocks, for which a browser forgets
 * that it is a table: so the roles are written out.
 *
 * @param heads of the rows' names, then of their cells; HTML all
 */
function table(title: string, heads: readonly string[], rows: readonly TableRow[]): string {
  const [nameHead = '', ...cellHeads] = heads;
  const head = [
    `<th scope="col" role="columnheader">${nameHead}</th>`,
    '<td class="chart" role="presentation"></td>',
    ...cellHeads.map((text) => `<th scope="col" role="columnheader" class="number">${text}</th>`),
  ];
  const body = rows.map(({ name, chart, cells }) => {
    const numbers = cells.map(
      (cell, at) => `<td role="cell" class="number" data-head="${cellHeads[at] ?? ''}">${cell}</td>`,
    );
    const first = `<th scope="row" role="rowheader">${name}</th><td class="chart" role="presentation">${chart}</td>`;
    return `<tr role="row">${first}${numbers.join('')}</tr>`;
  });
  const id = title.toLowerCase().replace(/\W+/g, '-');
  return `<section>
<h2 id="${id}">${title}</h2>
${cellHeads.includes('Accepted') ? LEGEND : ''}
<table role="table" aria-labelledby="${id}">
<thead role="rowgroup"><tr role="row">${head.join('')}</tr></thead>
<tbody role="rowgroup">
${body.join('\n')}
</tbody>
</table>
</section>`;
}

const COUNT_HEADS = ['Returned', 'Accepted', 'Kept'] as const;

const LEGEND = `<p class="legend" aria-hidden="true"><span class="key returned"></span>returned
<span class="key accepted"></span>accepted <span class="key kept"></span>kept</p>`;

const countCells = (counters: Counters): string[] => [
  number(counters.returned),
  `${number(counters.accepted)} <small>${share(counters.accepted, counters.returned)}</small>`,
  `${number(counters.kept)} <small>${share(counters.kept, counters.judged)}</small>`,
];

const bars = ({ returned, accepted, kept }: Counters, most: number): string =>
  drawing([
    ['returned', returned / most],
    ['accepted', accepted / most],
    ['kept', kept / most],
  ]);

/** Bars below each other. @param parts class and length, 0 to 1 */
function drawing(parts: readonly (readonly [kind: string, part: number])[]): string {
  const height = 12 / parts.length;
  const rects = parts.map(([kind, part], at) => {
    const width = `${(100 * part).toFixed(1)}%`;
    return `<rect class="${kind}" x="0" y="${at * height}" width="${width}" height="${height - 1}"></rect>`;
  });
  return `<svg aria-hidden="true" height="12" width="100%">${rects.join('')}</svg>`;
}

const link = (text: string, command: string): string =>
  `<a class="button" role="button" href="command:${command}">${text}</a>`;

const number = (value: number): string => value.toLocaleString('en');

/** A part in percent; a dash where there is nothing to be a part of. */
const share = (part: number, of: number): string => (of === 0 ? '–' : `${Math.round((100 * part) / of)} %`);

function waitOf(latency: Latency, part: number): string {
  const ms = percentile(latency, part);
  return ms === undefined ? '–' : duration(ms);
}

/** Names of models come from files. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
