/**
 * What a person takes of a suggestion, who knows what is to be written and takes nothing else.
 *
 * Line by line, blanks at line ends aside: as many of the suggestion's lines as are, whole, the lines that follow. It
 * is *right* when these hold its first line that is not blank; then they are taken, and the cursor stands behind them.
 * Otherwise it is *wrong*, also where it only goes too far on a line or not far enough.
 */

/**
 * @param suggestion what would be put at the cursor
 * @param rest what follows at the cursor, up to the end of a line
 * @returns the text that is taken, from `rest`, or undefined for a wrong suggestion
 */
export function takenText(suggestion: string, rest: string): string | undefined {
  const offered = suggestion.split(/\r?\n/);
  const wanted = rest.split('\n');
  let lines = 0;
  while (lines < offered.length && lines < wanted.length && same(offered[lines], wanted[lines])) lines++;
  const taken = wanted.slice(0, lines).join('\n');
  return taken.trim() === '' ? undefined : taken;
}

const same = (a: string | undefined, b: string | undefined): boolean => a?.trimEnd() === b?.trimEnd();
