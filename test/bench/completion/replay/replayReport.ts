/** The replay as JSON and as tables. */
import { head, percent, row } from '../../markdown';
import { EDITOR_WAIT_MS } from './replayFile';
import { replayNumbers, SEEN_MS, type FileReplayed, type ReplayNumbers } from './measureReplay';
import { REPLAY_LANGUAGES } from './sources';

/** Ours and the opponent's, by their names. */
export interface ReplayNames {
  readonly ours: string;
  readonly other: string;
}

/** What is compared. A ratio is undefined where it would divide by nothing. */
export interface ReplayRatios {
  /** Ours divided by the other's: higher is better. */
  readonly savedCharactersRatio: number | undefined;
  /** The other's median divided by ours where the person waited for both: how many times sooner ours is to be seen. */
  readonly timeToGhostTextRatio: number | undefined;
  /** The same of the 95th percentiles. */
  readonly timeToGhostText95Ratio: number | undefined;
  /** Ours divided by the other's: lower is better. */
  readonly wrongPer100Ratio: number | undefined;
  /** Ours. */
  readonly recomputedTokensPerKeystroke: number;
}

const TARGETS = {
  savedCharactersRatio: 1.3,
  timeToGhostTextRatio: 5,
  timeToGhostText95Ratio: 4,
  wrongPer100Ratio: 1,
};

export function replayRatios(files: readonly FileReplayed[], { ours, other }: ReplayNames): ReplayRatios {
  const [a, b] = [replayNumbers(files, ours), replayNumbers(files, other)];
  return {
    savedCharactersRatio: quotient(a.savedCharacters, b.savedCharacters),
    timeToGhostTextRatio: quotient(b.awaited.ghostTextMs?.p50, a.awaited.ghostTextMs?.p50),
    timeToGhostText95Ratio: quotient(b.awaited.ghostTextMs?.p95, a.awaited.ghostTextMs?.p95),
    wrongPer100Ratio: quotient(a.wrongPer100, b.wrongPer100),
    recomputedTokensPerKeystroke: Math.round(a.recomputedTokensPerKeystroke * 10) / 10,
  };
}

export function replayTables(files: readonly FileReplayed[], names: ReplayNames): string {
  const { ours, other } = names;
  const numbers = [replayNumbers(files, ours), replayNumbers(files, other)];
  const line = (what: string, value: (numbers: ReplayNumbers) => string): string =>
    row([what, ...numbers.map(value)]);
  const ratios = replayRatios(files, names);
  return [
    '### Keystroke replay',
    '',
    head([`${files.length} files, ${numbers[0]?.keysAlone ?? 0} keys without suggestions`, ours, other]),
    line('keys saved', ({ savedCharacters }) => percent(savedCharacters)),
    line('the same, each accept counted as a key', ({ savedWithAccepts }) => percent(savedWithAccepts)),
    line('suggestions taken', ({ accepts }) => String(accepts)),
    line(`wrong suggestions seen (${SEEN_MS} ms or more) per 100 keys`, ({ wrongPer100 }) =>
      wrongPer100.toFixed(1),
    ),
    line('of those seen or taken, right', ({ rightShare }) => percent(rightShare)),
    line('from key to ghost text, of those that came before the next key, median', ({ ghostTextMs }) =>
      milliseconds(ghostTextMs?.p50),
    ),
    line('ghost texts shown per 100 keys', ({ shown, keys }) => ((100 * shown) / keys).toFixed(0)),
    line('prompt tokens evaluated per key', ({ recomputedTokensPerKeystroke }) =>
      recomputedTokensPerKeystroke.toFixed(0),
    ),
    line('tokens generated per key', ({ cost, keys }) => (cost.generatedTokens / keys).toFixed(1)),
    line('requests to the engine', ({ cost }) => String(cost.requests)),
    '',
    head(['where the person stopped and waited', ours, other]),
    line('places', ({ awaited }) => String(awaited.places)),
    line('where ghost text came', ({ awaited }) => percent(awaited.shown)),
    line('where it was wrong', ({ awaited }) => percent(awaited.wrong)),
    line('from key to ghost text, median', ({ awaited }) => milliseconds(awaited.ghostTextMs?.p50)),
    line('from key to ghost text, 95th percentile', ({ awaited }) => milliseconds(awaited.ghostTextMs?.p95)),
    '',
    `All times hold the editor’s own wait of ${EDITOR_WAIT_MS} ms.`,
    '',
    head(['ours beside llama.vscode', 'target', 'here', 'met']),
    targetRow('keys saved, ours ÷ theirs', 'savedCharactersRatio', ratios, '≥'),
    targetRow(
      'median time to ghost text where the person waited, theirs ÷ ours',
      'timeToGhostTextRatio',
      ratios,
      '≥',
    ),
    targetRow('the same at the 95th percentile', 'timeToGhostText95Ratio', ratios, '≥'),
    targetRow('wrong suggestions, ours ÷ theirs', 'wrongPer100Ratio', ratios, '≤'),
    '',
    head(['keys saved', ours, other]),
    ...REPLAY_LANGUAGES.flatMap((language) => {
      const own = files.filter(({ source }) => source.file.languageId === language);
      if (own.length === 0) return [];
      const of = (name: string): string => percent(replayNumbers(own, name).savedCharacters);
      return [row([`${language} (${own.length})`, of(ours), of(other)])];
    }),
  ].join('\n');
}

function targetRow(
  what: string,
  key: keyof typeof TARGETS,
  ratios: ReplayRatios,
  direction: '≥' | '≤',
): string {
  const value = ratios[key];
  if (value === undefined) return row([what, `${direction} ${TARGETS[key]}`, 'nothing to divide by', '']);
  const met = direction === '≥' ? value >= TARGETS[key] : value <= TARGETS[key];
  return row([what, `${direction} ${TARGETS[key]}`, value.toFixed(2), met ? 'yes' : 'no']);
}

const quotient = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined || b === 0 ? undefined : Math.round((a / b) * 100) / 100;
const milliseconds = (ms: number | undefined): string => (ms === undefined ? '' : `${ms.toFixed(0)} ms`);
