/** Sizes, times and rates as people read them. */

/** Decimal units, as disks and the hub count them. */
export function bytes(count: number): string {
  if (count < 1e6) return `${Math.ceil(count / 1e3)} kB`;
  return count < 999.5e6 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

/** @param ms milliseconds */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** Three digits at most where they mean something. */
export const perSecond = (rate: number): string =>
  Number.isFinite(rate) ? (rate < 99.5 ? rate.toFixed(1) : rate.toFixed(0)) : '';

/** @param part 0 to 1 */
export const percent = (part: number): string => `${Math.floor(Math.min(1, Math.max(0, part)) * 100)} %`;
