import type { BenchReport } from '../benchReport';
import { PREFILL_TOKENS } from '../compareEngines';
import { head, percent, row } from '../markdown';
import type { OperatorTimes } from './operatorBench';

/** Operators that are named; the rest go together. */
const NAMED = 8;

/** The longest and the rest. */
export function named(times: OperatorTimes): OperatorTimes {
  const rest = times.slice(NAMED).reduce((sum, { ms }) => sum + ms, 0);
  return [...times.slice(0, NAMED), ...(rest > 0 ? [{ operator: 'all others', ms: rest }] : [])];
}

/** Where the time goes, by operator. */
export function operatorsTable({ operators }: BenchReport): string {
  const part = (title: string, times: OperatorTimes): string[] => {
    const total = times.reduce((sum, { ms }) => sum + ms, 0);
    return [
      head([title, 'ms', 'share']),
      ...named(times).map(({ operator, ms }) => row([operator, ms.toFixed(1), percent(ms / total)])),
    ];
  };
  return [
    '### Time by operator, ours',
    '',
    ...part(`prefill of ${PREFILL_TOKENS} tokens`, operators.prefill),
    '',
    ...part('one token behind them', operators.decode),
    '',
    'By the runtime’s profile, which takes time itself.',
  ].join('\n');
}
