/** Statistics as files for other programs. */
import { percentile, type Statistics } from './counts';

/** As it is kept, with what is computed of it. */
export function statisticsJson(statistics: Statistics): string {
  const rows = statistics.rows.map((row) => ({
    ...row,
    medianMs: percentile(row.latency, 0.5),
    p95Ms: percentile(row.latency, 0.95),
  }));
  return `${JSON.stringify({ ...statistics, since: new Date(statistics.since).toISOString(), rows }, undefined, 2)}\n`;
}

/** One line for each model and language, for a spreadsheet. */
export function statisticsCsv({ rows }: Statistics): string {
  const head = ['model', 'language', 'returned', 'accepted', 'judged', 'kept', 'medianMs', 'p95Ms'];
  const lines = rows.map((row) => [
    inCell(row.model),
    inCell(row.language),
    ...[row.returned, row.accepted, row.judged, row.kept],
    ...[0.5, 0.95].map((part) => Math.round(percentile(row.latency, part) ?? 0)),
  ]);
  return [head, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

/** A text that begins like a formula would be one in a spreadsheet. */
const inCell = (text: string): string => `"${text.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;
