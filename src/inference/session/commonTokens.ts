/** What two lists of tokens share. */

/** Tokens at the beginning that are the same. */
export function commonStart(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let same = 0;
  while (same < end && a[same] === b[same]) same++;
  return same;
}

/** Tokens at the end that are the same. */
export function commonEnd(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let same = 0;
  while (same < end && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return same;
}
