/** Numbers and tables as Markdown. */
import { summarize, type Summary } from './statistics';

export const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The first line of a table and the one beneath it. */
export const head = (cells: readonly string[]): string => `${row(cells)}\n${row(cells.map(() => '---'))}`;

/** "median (min..max)", or the value alone where there is but one */
export function spread(values: readonly number[] | Summary, digits: number): string {
  const { median, min, max, count } = 'median' in values ? values : summarize(values);
  if (count === 1) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}..${max.toFixed(digits)})`;
}

/** @param share 0 to 1 */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const seconds = (ms: number): string => (ms / 1000).toFixed(1);

export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`;
