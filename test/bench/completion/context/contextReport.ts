/** What sources of context are worth, as a table. */
import { head, percent, row } from '../../markdown';
import type { AskedLine, ContextMeasured } from './measureContext';

export function contextTable(measured: readonly ContextMeasured[]): string {
  const base = measured[0]?.lines ?? [];
  return [
    '### Context',
    '',
    head([
      `${base.length} lines, each asked for at its beginning`,
      'right',
      'right only with it, only with nothing',
      'characters taken',
      'tokens of a prompt',
    ]),
    ...measured.map(({ variant, lines }) =>
      row([
        variant.name,
        percent(share(lines, ({ right }) => right)),
        lines === base ? '' : `${onlyIn(lines, base)}, ${onlyIn(base, lines)}`,
        String(lines.reduce((sum, { taken }) => sum + taken, 0)),
        (lines.reduce((sum, { promptTokens }) => sum + promptTokens, 0) / Math.max(1, lines.length)).toFixed(
          0,
        ),
      ]),
    ),
  ].join('\n');
}

/** Lines that are right in `a` and not in `b`. */
export const onlyIn = (a: readonly AskedLine[], b: readonly AskedLine[]): number =>
  a.filter(({ right }, index) => right && b[index]?.right === false).length;

const share = (lines: readonly AskedLine[], holds: (line: AskedLine) => boolean): number =>
  lines.filter(holds).length / Math.max(1, lines.length);
