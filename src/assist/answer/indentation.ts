/** Brings code that came back to the indentation of the place it goes to. */

export interface IndentStyle {
  readonly insertSpaces: boolean;
  /** Columns of a tab, and spaces of one level. */
  readonly tabSize: number;
}

/** One level of indentation. */
export const indentUnit = ({ insertSpaces, tabSize }: IndentStyle): string =>
  insertSpaces ? ' '.repeat(tabSize) : '\t';

/** The blanks a line begins with. */
export const leadingBlanks = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/**
 * Moves code to an indentation, keeping its own levels. A first line that lost its indentation while the others kept
 * theirs, as in an answer that begins right at the first word, is put back first.
 *
 * @param base blanks before the first line at its place
 */
export function fitIndentation(code: string, base: string, style: IndentStyle): string {
  const lines = inStyle(code.replace(/\r\n?/g, '\n').split('\n'), style);
  const whole = withFirstLine(lines, base.length, indentUnit(style).length);
  const common = commonBlanks(whole);
  return whole.map((line) => (line.trim() === '' ? '' : base + line.slice(common))).join('\n');
}

/** The largest number of blanks that all lines but blank ones begin with. */
function commonBlanks(lines: readonly string[]): number {
  const depths = lines.filter((line) => line.trim() !== '').map((line) => leadingBlanks(line).length);
  return depths.length === 0 ? 0 : Math.min(...depths);
}

function withFirstLine(lines: readonly string[], base: number, unit: number): readonly string[] {
  const [first = '', ...others] = lines;
  const rest = others.filter((line) => line.trim() !== '');
  if (base === 0 || leadingBlanks(first) !== '' || rest.length === 0) return lines;
  const depths = rest.map((line) => leadingBlanks(line).length);
  const last = depths.at(-1) ?? 0;
  const closes = /^[)\]}]|^end\b/.test((rest.at(-1) ?? '').trim());
  const opens = /[:{([]\s*$|=>\s*$/.test(first);
  // Where the others stand if they kept the place's indentation: the closing line at it, or a body one level deeper.
  const kept = closes
    ? last === base
    : opens
      ? Math.min(...depths) === base + unit
      : Math.min(...depths) >= base;
  return kept ? [blanksOf(rest[0] ?? '', base) + first, ...others] : lines;
}

const blanksOf = (line: string, count: number): string => leadingBlanks(line).slice(0, count);

/** Tabs or spaces as the document has them, where the code's levels can be told. */
function inStyle(lines: readonly string[], style: IndentStyle): readonly string[] {
  const blanks = lines.filter((line) => line.trim() !== '').map(leadingBlanks);
  const tabs = blanks.some((blank) => blank.includes('\t'));
  if (style.insertSpaces) {
    if (tabs)
      return lines.map((line) =>
        mapBlanks(line, (blank) => blank.replaceAll('\t', ' '.repeat(style.tabSize))),
      );
    return lines;
  }
  if (tabs) return lines;
  const step = levelOf(blanks);
  if (step === 0) return lines;
  return lines.map((line) =>
    mapBlanks(
      line,
      (blank) => '\t'.repeat(Math.floor(blank.length / step)) + ' '.repeat(blank.length % step),
    ),
  );
}

/** Spaces of one level: the smallest step between depths, at least two. */
function levelOf(blanks: readonly string[]): number {
  const depths = [...new Set(blanks.map(({ length }) => length))].sort((a, b) => a - b);
  const steps = depths.slice(1).map((depth, index) => depth - (depths[index] ?? 0));
  const least = Math.min(...steps.filter((step) => step >= 2));
  return Number.isFinite(least) ? least : 0;
}

const mapBlanks = (line: string, change: (blanks: string) => string): string => {
  const blanks = leadingBlanks(line);
  return change(blanks) + line.slice(blanks.length);
};
