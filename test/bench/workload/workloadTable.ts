import type { BenchReport } from '../benchReport';
import { head, row } from '../markdown';
import { pairRatios, percentile } from '../statistics';
import type { WorkloadNumbers } from './workloadNumbers';

/** Undefined where no engine has played the recorded requests. */
export function workloadTable({ engines }: BenchReport): string | undefined {
  const played = engines.flatMap(({ name, requests }) =>
    requests === undefined ? [] : [{ name, requests }],
  );
  const [ours, theirs] = played;
  if (ours === undefined) return undefined;
  const both = (value: (numbers: WorkloadNumbers) => string): string[] =>
    played.map(({ requests }) => value(requests));
  const times = (what: string, of: (numbers: WorkloadNumbers) => readonly number[]): string[] =>
    [50, 95].map((percent) =>
      row([
        `${what}, ${percent === 50 ? 'median' : `${percent}th percentile`}`,
        ...both((numbers) => `${percentile(of(numbers), percent).toFixed(0)} ms`),
        ...(theirs === undefined
          ? []
          : [ratio(percentile(of(theirs.requests), percent) / percentile(of(ours.requests), percent))]),
      ]),
    );
  const sum = (numbers: WorkloadNumbers): number => numbers.wholeMs.reduce((total, ms) => total + ms, 0);
  const { firstMs, sequences } = ours.requests;
  const pairs =
    theirs === undefined
      ? ''
      : ` By pairs, the first token came ${ratio(percentile(pairRatios(theirs.requests.firstMs, firstMs), 50))} times as soon.`;
  return [
    '### Requests as the editor makes them',
    '',
    head(['', ...played.map(({ name }) => name), ...(theirs === undefined ? [] : ['times as fast'])]),
    ...times('first token', ({ firstMs: ms }) => ms),
    ...times('whole answer', ({ wholeMs }) => wholeMs),
    row([
      'all of them',
      ...both((numbers) => `${(sum(numbers) / 1000).toFixed(1)} s`),
      ...(theirs === undefined ? [] : [ratio(sum(theirs.requests) / sum(ours.requests))]),
    ]),
    row([
      'prompt tokens evaluated, each request',
      ...both(({ evaluated }) => (evaluated / firstMs.length).toFixed(0)),
      ...(theirs === undefined ? [] : ['']),
    ]),
    '',
    `${firstMs.length} requests of ${sequences} documents, as the keystroke replay made them, one behind the other.${pairs}`,
  ].join('\n');
}

const ratio = (value: number): string => value.toFixed(2);
