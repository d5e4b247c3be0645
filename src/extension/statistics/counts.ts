/** What is counted of suggestions, as plain data that can be added up in any order. */
import * as v from 'valibot';

/** Latencies are counted in classes, each 2^(1/4) as wide as the one before: a percentile is within a tenth of the truth. */
const CLASSES_PER_DOUBLING = 4;
/** Two minutes and more. */
const LAST_CLASS = 68;
/** Pairs of model and language; what is used least beyond that is counted together. */
export const MAX_ROWS = 200;
export const MAX_DAYS = 90;
/** Longest name that is kept, in UTF-16 units. */
const NAME_UNITS = 80;
const OTHERS = 'others';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const name = v.pipe(v.string(), v.maxLength(NAME_UNITS));
const counters = {
  /** Suggestions given to the editor; the rest of one that is typed along is not another one. */
  returned: count,
  /** Of these, taken as a whole. */
  accepted: count,
  /** Accepted ones that were looked at again after the time of `KEPT_AFTER_MS`. */
  judged: count,
  /** Of these, still there. */
  kept: count,
};
const row = v.object({
  model: name,
  language: name,
  ...counters,
  /** Numbers of returned suggestions by class of latency, from the request to the answer. */
  latency: v.record(v.string(), count),
});
const day = v.object({ day: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/)), ...counters });
const statistics = v.object({
  /** When counting began, in milliseconds since 1970. */
  since: v.number(),
  rows: v.array(row),
  days: v.array(day),
});

export type Row = v.InferOutput<typeof row>;
export type Day = v.InferOutput<typeof day>;
export type Statistics = v.InferOutput<typeof statistics>;
export type Counters = Pick<Row, keyof typeof counters>;
export type Latency = Row['latency'];

/** @param since milliseconds since 1970 */
export const emptyStatistics = (since: number): Statistics => ({ since, rows: [], days: [] });

/** @returns undefined for what is no statistics */
export function readStatistics(value: unknown): Statistics | undefined {
  const result = v.safeParse(statistics, value);
  return result.success ? result.output : undefined;
}

/** What has happened to one suggestion. */
export interface CountedEvent {
  readonly model: string;
  readonly language: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  readonly what:
    | { readonly kind: 'returned'; readonly ms: number }
    | { readonly kind: 'accepted' }
    | { readonly kind: 'judged'; readonly kept: boolean };
}

/** One event as statistics that can be added to others. */
export function statisticsOf({ model, language, at, what }: CountedEvent): Statistics {
  const one: Counters = {
    returned: Number(what.kind === 'returned'),
    accepted: Number(what.kind === 'accepted'),
    judged: Number(what.kind === 'judged'),
    kept: Number(what.kind === 'judged' && what.kept),
  };
  const latency = what.kind === 'returned' ? { [latencyClass(what.ms)]: 1 } : {};
  const names = { model: model.slice(0, NAME_UNITS), language: language.slice(0, NAME_UNITS) };
  return { since: at, rows: [{ ...names, ...one, latency }], days: [{ day: localDay(at), ...one }] };
}

/** The sum of two statistics, within the limits on rows and days. */
export function addStatistics(a: Statistics, b: Statistics): Statistics {
  const rows = grouped([...a.rows, ...b.rows], ({ model, language }) => `${model}\0${language}`, addRows);
  const days = grouped([...a.days, ...b.days], ({ day: one }) => one, addDays);
  return {
    since: Math.min(a.since, b.since),
    rows: withinRows(rows),
    days: days.sort((one, other) => one.day.localeCompare(other.day)).slice(-MAX_DAYS),
  };
}

function withinRows(rows: Row[]): Row[] {
  const sorted = rows.sort((a, b) => b.returned - a.returned);
  if (sorted.length <= MAX_ROWS) return sorted;
  const others = sorted.slice(MAX_ROWS - 1).reduce(addRows);
  return [...sorted.slice(0, MAX_ROWS - 1), { ...others, model: OTHERS, language: OTHERS }];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string, add: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const before = found.get(keyOf(item));
    found.set(keyOf(item), before === undefined ? item : add(before, item));
  }
  return [...found.values()];
}

export const addCounters = (a: Counters, b: Counters): Counters => ({
  returned: a.returned + b.returned,
  accepted: a.accepted + b.accepted,
  judged: a.judged + b.judged,
  kept: a.kept + b.kept,
});

const addDays = (a: Day, b: Day): Day => ({ day: a.day, ...addCounters(a, b) });

const addRows = (a: Row, b: Row): Row => ({
  model: a.model,
  language: a.language,
  ...addCounters(a, b),
  latency: addLatencies(a.latency, b.latency),
});

function addLatencies(a: Latency, b: Latency): Latency {
  const sum = { ...a };
  for (const [key, number] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + number;
  return sum;
}

/** Rows added up under one of their names, the most used first. */
export function rowsBy(rows: readonly Row[], key: 'model' | 'language'): Row[] {
  return grouped(rows, (one) => one[key], addRows).sort((a, b) => b.returned - a.returned);
}

/** @param ms milliseconds */
function latencyClass(ms: number): number {
  return Math.min(LAST_CLASS, Math.max(0, Math.floor(Math.log2(Math.max(1, ms)) * CLASSES_PER_DOUBLING)));
}

/** Where a class begins, in milliseconds. */
export const classStart = (index: number): number => 2 ** (index / CLASSES_PER_DOUBLING);

/**
 * @param part 0 to 1
 * @returns milliseconds that this part of the answers did not exceed, by the middle of its class; undefined without any
 */
export function percentile(latency: Latency, part: number): number | undefined {
  const classes = Object.entries(latency)
    .map(([key, number]) => [Number(key), number] as const)
    .sort(([a], [b]) => a - b);
  const all = classes.reduce((sum, [, number]) => sum + number, 0);
  let seen = 0;
  for (const [index, number] of classes) {
    seen += number;
    if (seen >= all * part) return classStart(index + 0.5);
  }
  return undefined;
}

function localDay(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => `${part}`.padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
