/** All files typed to all assistants, one after the other in the same minutes, each file begun by another. */
import { percentile } from '../../statistics';
import type { Assistant, AssistantCost } from './assistant';
import type { ReplayClock } from './replayClock';
import { replayFile, type Awaited, type ReplayOutcome } from './replayFile';
import { nameOf, type ReplaySource } from './sources';

/** A suggestion that nobody has had the time to see is not wrong. Milliseconds. */
export const SEEN_MS = 300;

export interface FileReplayed {
  readonly source: ReplaySource;
  /** By the assistants' names. */
  readonly outcomes: Readonly<Record<string, ReplayOutcome>>;
}

/** Over all files. */
export interface ReplayNumbers {
  /** Keys that the files take without suggestions. */
  readonly keysAlone: number;
  readonly keys: number;
  readonly accepts: number;
  /** Share of the keys alone that was not pressed, from 0 to 1, and the same with each accept counted as a key. */
  readonly savedCharacters: number;
  readonly savedWithAccepts: number;
  readonly shown: number;
  /** Shown, seen and not right, by 100 keys pressed. */
  readonly wrongPer100: number;
  /** Share of the suggestions, seen or taken, that were taken. */
  readonly rightShare: number;
  /** From a key or an accept to the ghost text, in milliseconds; undefined where nothing was shown. */
  readonly ghostTextMs: { readonly p50: number; readonly p95: number } | undefined;
  readonly awaited: AwaitedNumbers;
  readonly cost: AssistantCost;
  readonly recomputedTokensPerKeystroke: number;
}

/** Where the person waited for the answer. */
export interface AwaitedNumbers {
  readonly places: number;
  /** Shares of the places, from 0 to 1. */
  readonly shown: number;
  readonly wrong: number;
  /** From a key or an accept to the ghost text, in milliseconds; undefined where none came. */
  readonly ghostTextMs: { readonly p50: number; readonly p95: number } | undefined;
}

export async function measureReplay(
  sources: readonly ReplaySource[],
  assistants: readonly Assistant[],
  clock: ReplayClock,
  onFile: (file: FileReplayed) => void,
): Promise<FileReplayed[]> {
  const files: FileReplayed[] = [];
  for (const [index, source] of sources.entries()) {
    const outcomes: Record<string, ReplayOutcome> = {};
    const turn = index % assistants.length;
    for (const assistant of [...assistants.slice(turn), ...assistants.slice(0, turn)]) {
      outcomes[assistant.name] = await clock.run(replayFile(source, assistant, clock));
    }
    const file = { source, outcomes };
    files.push(file);
    onFile(file);
  }
  return files;
}

/** @throws RangeError for an assistant that nothing was typed to */
export function replayNumbers(files: readonly FileReplayed[], name: string): ReplayNumbers {
  const outcomes = files.flatMap(({ outcomes }) => outcomes[name] ?? []);
  if (outcomes.length === 0) throw new RangeError(`nothing was typed to ${name}`);
  const sum = (value: (outcome: ReplayOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const keysAlone = sum((outcome) => outcome.keysAlone);
  const keys = sum((outcome) => outcome.keys);
  const accepts = sum((outcome) => outcome.accepts);
  const shown = outcomes.flatMap((outcome) => outcome.shown);
  const wrong = shown.filter(({ right, visibleMs }) => !right && visibleMs >= SEEN_MS).length;
  const cost = {
    requests: sum((outcome) => outcome.cost.requests),
    evaluatedTokens: sum((outcome) => outcome.cost.evaluatedTokens),
    generatedTokens: sum((outcome) => outcome.cost.generatedTokens),
  };
  return {
    ...{ keysAlone, keys, accepts, cost },
    savedCharacters: 1 - keys / keysAlone,
    savedWithAccepts: 1 - (keys + accepts) / keysAlone,
    shown: shown.length,
    wrongPer100: (100 * wrong) / Math.max(1, keys),
    rightShare: accepts + wrong === 0 ? 0 : accepts / (accepts + wrong),
    ghostTextMs: middleAndTail(shown.map(({ afterMs }) => afterMs)),
    awaited: awaitedNumbers(outcomes.flatMap((outcome) => outcome.awaited)),
    recomputedTokensPerKeystroke: cost.evaluatedTokens / Math.max(1, keys),
  };
}

function awaitedNumbers(awaited: readonly Awaited[]): AwaitedNumbers {
  const times = awaited.flatMap(({ afterMs }) => afterMs ?? []);
  const wrong = awaited.filter(({ afterMs, right }) => afterMs !== undefined && !right).length;
  const places = Math.max(1, awaited.length);
  return {
    places: awaited.length,
    shown: times.length / places,
    wrong: wrong / places,
    ghostTextMs: middleAndTail(times),
  };
}

const middleAndTail = (times: number[]): { p50: number; p95: number } | undefined =>
  times.length === 0 ? undefined : { p50: percentile(times, 50), p95: percentile(times, 95) };

/** One line about a file while the replay runs. */
export function fileLine({ source, outcomes }: FileReplayed): string {
  const parts = Object.entries(outcomes).map(([name, { keys, keysAlone, accepts, shown, durationMs }]) => {
    const wrong = shown.filter(({ right, visibleMs }) => !right && visibleMs >= SEEN_MS).length;
    return `${name}: ${keysAlone - keys} of ${keysAlone} saved in ${accepts}, ${wrong} wrong, ${(durationMs / 1000).toFixed(0)} s`;
  });
  return `${nameOf(source.file)}  ${parts.join('; ')}`;
}
