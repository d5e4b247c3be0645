import type { BenchReport } from '../benchReport';
import { head, row } from '../markdown';
import { pairRatios, percentile } from '../statistics';
import type { WorkloadNumbers } from './workloadNumbers';

/** Undefined where no engine has played the recorded requests. */
export const workloadTable = ({ engines }: BenchReport): string | undefined =>
  playedTable('Requests as the editor makes them', engines, 'requests', (count, sequences) => [
    `${count} requests of ${sequences} documents, as the keystroke replay made them, one behind the other.`,
  ]);

/** Undefined where no engine has held the recorded conversations. */
export const conversationsTable = ({ engines }: BenchReport): string | undefined =>
  playedTable('Conversations with chat', engines, 'chat', (count, sequences) => [
    `${count} questions in ${sequences} conversations; each prompt goes on behind the answer before. Nothing is drafted.`,
  ]);

function playedTable(
  title: string,
  engines: BenchReport['engines'],
  which: 'requests' | 'chat',
  inWords: (count: number, sequences: number) => readonly string[],
): string | undefined {
  const played = engines.flatMap(({ name, [which]: numbers }) =>
    numbers === undefined ? [] : [{ name, numbers }],
  );
  const [ours, theirs] = played;
  if (ours === undefined) return undefined;
  const both = (value: (numbers: WorkloadNumbers) => string): string[] =>
    played.map(({ numbers }) => value(numbers));
  const times = (what: string, of: (numbers: WorkloadNumbers) => readonly number[]): string[] =>
    [50, 95].map((percent) =>
      row([
        `${what}, ${percent === 50 ? 'median' : `${percent}th percentile`}`,
        ...both((numbers) => `${percentile(of(numbers), percent).toFixed(0)} ms`),
        ...(theirs === undefined
          ? []
          : [ratio(percentile(of(theirs.numbers), percent) / percentile(of(ours.numbers), percent))]),
      ]),
    );
  const sum = (numbers: WorkloadNumbers): number => numbers.wholeMs.reduce((total, ms) => total + ms, 0);
  const { firstMs, sequences } = ours.numbers;
  const pairs =
    theirs === undefined
      ? []
      : [
          `By pairs, the first token came ${ratio(percentile(pairRatios(theirs.numbers.firstMs, firstMs), 50))} times as soon.`,
        ];
  return [
    `### ${title}`,
    '',
    head(['', ...played.map(({ name }) => name), ...(theirs === undefined ? [] : ['times as fast'])]),
    ...times('first token', ({ firstMs: ms }) => ms),
    ...times('whole answer', ({ wholeMs }) => wholeMs),
    row([
      'all of them',
      ...both((numbers) => `${(sum(numbers) / 1000).toFixed(1)} s`),
      ...(theirs === undefined ? [] : [ratio(sum(theirs.numbers) / sum(ours.numbers))]),
    ]),
    row([
      'prompt tokens evaluated, each request',
      ...both(({ evaluated }) => (evaluated / firstMs.length).toFixed(0)),
      ...(theirs === undefined ? [] : ['']),
    ]),
    '',
    [...inWords(firstMs.length, sequences), ...pairs].join(' '),
  ].join('\n');
}

const ratio = (value: number): string => value.toFixed(2);
