/** Tables out of text: CSV, TSV and JSON. */
import Papa from 'papaparse';

export interface Table {
  readonly columns: readonly string[];
  /** A cell is empty where the row has none. */
  readonly rows: readonly (readonly string[])[];
  /** What is wrong with the text, for people; a table may have been read all the same. */
  readonly problems: readonly string[];
}

/** Rows read at most; facts then hold for those. */
export const MAX_ROWS = 200_000;
const MAX_COLUMNS = 500;

/**
 * @param path of the file, whose ending tells the format; without one the text does
 * @returns undefined for what is no table
 */
export function readTable(text: string, path = ''): Table | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === 'json' || (ending === undefined && /^\s*[[{]/.test(text))) return fromJson(text);
  if (ending === 'csv' || ending === 'tsv' || ending === undefined) return fromDelimited(text, ending);
  return undefined;
}

function fromDelimited(text: string, ending: string | undefined): Table | undefined {
  const { data, errors, meta } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    skipEmptyLines: 'greedy',
    preview: MAX_ROWS + 1,
    ...(ending === 'tsv' ? { delimiter: '\t' } : {}),
  });
  const [columns, ...rows] = data;
  if (columns === undefined || (ending === undefined && columns.length < 2)) return undefined;
  const width = columns.length;
  const ragged = rows.filter((row) => row.length !== width).length;
  const problems = [
    ...new Set(errors.filter(({ code }) => code !== 'UndetectableDelimiter').map(({ message }) => message)),
  ];
  if (ragged > 0) problems.push(`${ragged} rows have another number of cells than the header`);
  if (meta.truncated) problems.push(`only the first ${MAX_ROWS} rows were read`);
  return {
    columns: columns.slice(0, MAX_COLUMNS).map((name, index) => name.trim() || `column ${index + 1}`),
    rows: rows.map((row) => columns.map((_, index) => row[index]?.trim() ?? '')),
    problems,
  };
}

/** An array of objects, or an object with one such array in it. */
function fromJson(text: string): Table | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const records = recordsIn(value);
  if (records === undefined) return undefined;
  const columns = [...new Set(records.slice(0, MAX_ROWS).flatMap((record) => Object.keys(record)))].slice(
    0,
    MAX_COLUMNS,
  );
  const rows = records.slice(0, MAX_ROWS).map((record) => columns.map((name) => cellOf(record[name])));
  const problems = records.length > MAX_ROWS ? [`only the first ${MAX_ROWS} rows were read`] : [];
  return { columns, rows, problems };
}

function recordsIn(value: unknown): Record<string, unknown>[] | undefined {
  if (Array.isArray(value)) {
    const records = value.filter(isRecord);
    return records.length > 0 ? records : undefined;
  }
  if (!isRecord(value)) return undefined;
  const lists = Object.values(value)
    .map(recordsIn)
    .filter((records) => records !== undefined);
  return lists.toSorted((a, b) => b.length - a.length)[0];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
