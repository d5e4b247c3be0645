/** Token healing as a table. */
import { head, percent, row } from '../../markdown';
import { summarize } from '../../statistics';
import type { AskedWord, HealingMeasured } from './measureHealing';

export function healingTable(measured: readonly HealingMeasured[]): string {
  return [
    '### Token healing',
    '',
    head([
      'cursor in a word',
      'words',
      'rest of the word right, healed and not',
      'right only healed, only not',
      'rest of the line right, healed and not',
      'right only healed, only not',
      'median ms, healed and not',
    ]),
    ...measured.map(({ cut, healed, plain }) => {
      const of = (what: 'word' | 'line'): string[] => [
        `${share(healed, what)}, ${share(plain, what)}`,
        `${onlyIn(healed, plain, what)}, ${onlyIn(plain, healed, what)}`,
      ];
      const median = (words: readonly AskedWord[]): string =>
        summarize(words.map(({ ms }) => ms)).median.toFixed(0);
      return row([
        cut,
        String(healed.length),
        ...of('word'),
        ...of('line'),
        `${median(healed)}, ${median(plain)}`,
      ]);
    }),
  ].join('\n');
}

const share = (words: readonly AskedWord[], what: 'word' | 'line'): string =>
  percent(words.filter((word) => word[what]).length / Math.max(1, words.length));
const onlyIn = (a: readonly AskedWord[], b: readonly AskedWord[], what: 'word' | 'line'): number =>
  a.filter((word, index) => word[what] && b[index]?.[what] === false).length;
