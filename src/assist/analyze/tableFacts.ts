/** What can be computed of a table, so that the model need not: a small one cannot count. */
import type { ContextItem } from '../context/contextItem';
import { readTable, type Table } from './table';

export type ColumnType = 'empty' | 'integer' | 'number' | 'boolean' | 'date' | 'text';

export interface ColumnFacts {
  readonly name: string;
  readonly type: ColumnType;
  readonly missing: number;
  readonly distinct: number;
  /** Smallest and largest of numbers or dates, as they stand in the table. */
  readonly range?: { readonly from: string; readonly to: string };
  readonly mean?: number;
  /** The most frequent values with how often they occur, of text and truth values. */
  readonly frequent?: readonly { readonly value: string; readonly count: number }[];
  /** Cells that are not of the column's type, where nearly all are. */
  readonly odd?: readonly string[];
}

const MISSING = /^(?:|na|n\/a|nan|null|none|-|\?)$/i;
const TYPES: readonly (readonly [Exclude<ColumnType, 'empty' | 'text'>, RegExp])[] = [
  ['boolean', /^(?:true|false|yes|no)$/i],
  ['integer', /^[+-]?\d{1,15}$/],
  ['number', /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i],
  ['date', /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/],
];
/** A column with so large a part of one type is of that type; the rest is odd. */
const NEARLY_ALL = 0.95;
const FREQUENT = 3;
const ODD = 3;
const SHOWN_UNITS = 40;
const SAMPLE_ROWS = 5;
const SHOWN_COLUMNS = 40;

export function columnFacts({ columns, rows }: Pick<Table, 'columns' | 'rows'>): ColumnFacts[] {
  return columns.map((name, index) =>
    factsOf(
      name,
      rows.map((row) => row[index] ?? ''),
    ),
  );
}

/** A table's facts and first rows as context for a question; undefined for what is no table. */
export function tableItem(item: ContextItem): ContextItem | undefined {
  const table = readTable(item.text, item.path);
  if (table === undefined) return undefined;
  const facts = columnFacts(table);
  const sample = table.rows
    .slice(0, SAMPLE_ROWS)
    .map((row) => row.slice(0, SHOWN_COLUMNS).map(shortened).join(' | '));
  const text = [
    `${table.rows.length} rows, ${table.columns.length} columns.`,
    ...table.problems.map((problem) => `Problem: ${problem}.`),
    ...facts.slice(0, SHOWN_COLUMNS).map(inWords),
    ...(facts.length > SHOWN_COLUMNS
      ? [`${facts.length - SHOWN_COLUMNS} further columns are left out.`]
      : []),
    'First rows:',
    table.columns.slice(0, SHOWN_COLUMNS).map(shortened).join(' | '),
    ...sample,
  ].join('\n');
  return {
    kind: item.kind,
    label: item.label,
    ...(item.path === undefined ? {} : { path: item.path }),
    text,
  };
}

function factsOf(name: string, cells: readonly string[]): ColumnFacts {
  const present = cells.filter((cell) => !MISSING.test(cell));
  const missing = cells.length - present.length;
  const counts = new Map<string, number>();
  for (const cell of present) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const { type, odd } = typeOf(present);
  const base = { name, type, missing, distinct: counts.size, ...(odd.length > 0 ? { odd } : {}) };
  if (type === 'integer' || type === 'number') return { ...base, ...numbersOf(present) };
  if (type === 'date') {
    const sorted = present.filter((cell) => isOf('date', cell)).toSorted();
    return { ...base, range: { from: sorted[0] ?? '', to: sorted.at(-1) ?? '' } };
  }
  const frequent = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, FREQUENT);
  return { ...base, frequent: frequent.map(([value, count]) => ({ value, count })) };
}

function typeOf(present: readonly string[]): { type: ColumnType; odd: string[] } {
  if (present.length === 0) return { type: 'empty', odd: [] };
  for (const [type] of TYPES) {
    const odd = present.filter((cell) => !isOf(type, cell));
    if (odd.length <= present.length * (1 - NEARLY_ALL))
      return { type, odd: [...new Set(odd)].slice(0, ODD) };
  }
  return { type: 'text', odd: [] };
}

/** Whether a cell is of a type; an integer is a number as well. */
function isOf(type: ColumnType, cell: string): boolean {
  const [, pattern] = TYPES.find(([one]) => one === type) ?? [];
  if (pattern === undefined || !pattern.test(cell)) return false;
  return type !== 'date' || !Number.isNaN(Date.parse(cell));
}

function numbersOf(present: readonly string[]): Pick<ColumnFacts, 'range' | 'mean'> {
  let from = '';
  let to = '';
  let least = Infinity;
  let most = -Infinity;
  let sum = 0;
  let count = 0;
  for (const cell of present) {
    if (!isOf('number', cell)) continue;
    const value = Number(cell);
    if (value < least) [least, from] = [value, cell];
    if (value > most) [most, to] = [value, cell];
    sum += value;
    count++;
  }
  return { range: { from, to }, mean: sum / count };
}

function inWords({ name, type, missing, distinct, range, mean, frequent, odd }: ColumnFacts): string {
  const parts = [`${type}`, `${missing} missing`, `${distinct} distinct`];
  if (range !== undefined) parts.push(`from ${shortened(range.from)} to ${shortened(range.to)}`);
  if (mean !== undefined) parts.push(`mean ${Number(mean.toPrecision(6))}`);
  if (frequent !== undefined && frequent.length > 0) {
    parts.push(
      `most frequent ${frequent.map(({ value, count }) => `${shortened(value)} (${count})`).join(', ')}`,
    );
  }
  if (odd !== undefined) parts.push(`not of that type: ${odd.map(shortened).join(', ')}`);
  return `Column ${shortened(name)}: ${parts.join('; ')}.`;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= SHOWN_UNITS ? line : `${line.slice(0, SHOWN_UNITS - 1)}…`;
}
