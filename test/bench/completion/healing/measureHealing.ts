/** What token healing is worth: words of the files that are typed in the replay, with the cursor in or behind them. */
import { Completer, DEFAULT_COMPLETER_OPTIONS, EACH_BY_ITSELF } from '../../../../src/completion/completer';
import { systemClock } from '../../../../src/completion/clock';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import type { Engine } from '../../../../src/inference/engine';
import { takenText } from '../replay/acceptance';
import type { ReplaySource } from '../replay/sources';

export const CUTS = ['in the middle', 'at the end'] as const;
export type Cut = (typeof CUTS)[number];

/** One word of one file: how it was gone on. */
export interface AskedWord {
  /** What is left of the word is right. */
  readonly word: boolean;
  /** What is left of the line is right. */
  readonly line: boolean;
  readonly ms: number;
}

export interface HealingMeasured {
  readonly cut: Cut;
  /** The same words in the same order. */
  readonly healed: readonly AskedWord[];
  readonly plain: readonly AskedWord[];
}

/** Words with fewer letters are hardly ever more than one token. */
const WORDS = /(?<!\w)[A-Za-z_]\w{4,}/g;
/** Of each file, every second word, the first ones. */
const STEP = 2;
const MOST_PER_FILE = 14;

/** @param onFile after each file */
export async function measureHealing(
  sources: readonly ReplaySource[],
  engine: Engine,
  onFile: (done: number, cut: Cut) => void,
): Promise<HealingMeasured[]> {
  const measured: HealingMeasured[] = [];
  for (const cut of CUTS) {
    const [healed, plain]: [AskedWord[], AskedWord[]] = [[], []];
    for (const [index, source] of sources.entries()) {
      const places = cutsOf(source, cut);
      healed.push(...(await askWords(places, engine, true)));
      plain.push(...(await askWords(places, engine, false)));
      onFile(index + 1, cut);
    }
    measured.push({ cut, healed, plain });
  }
  return measured;
}

async function askWords(places: readonly CutWord[], engine: Engine, healing: boolean): Promise<AskedWord[]> {
  let ms = 0;
  const completer = new Completer(
    engine,
    { ...DEFAULT_COMPLETER_OPTIONS, ...EACH_BY_ITSELF, healing },
    systemClock(),
    (trace) => (ms = trace.totalMs),
  );
  const words: AskedWord[] = [];
  for (const { snapshot, rest } of places) {
    const outcome = await completer.complete(snapshot, 'explicit', undefined, { length: 'line' });
    if (outcome.kind === 'none' && outcome.reason === 'engine-failed') throw outcome.error;
    const text = outcome.kind === 'suggestion' ? outcome.text : '';
    words.push({
      word: wordOf(text) === wordOf(rest),
      line: takenText(text, rest) !== undefined,
      ms,
    });
  }
  completer.dispose();
  return words;
}

export interface CutWord {
  readonly snapshot: DocumentSnapshot;
  readonly rest: string;
}

export function cutsOf({ uri, hole }: ReplaySource, cut: Cut): CutWord[] {
  const { languageId, before, target, after } = hole;
  const words = [...target.matchAll(WORDS)].filter((_, index) => index % STEP === 0);
  return words.slice(0, MOST_PER_FILE).map((match, index) => {
    const [{ length }] = match;
    const at = match.index + (cut === 'in the middle' ? Math.ceil(length / 2) : length);
    const written = before + target.slice(0, at);
    const text = written + after;
    return {
      snapshot: { uri, languageId, version: index + 1, text, offset: written.length },
      rest: target.slice(at),
    };
  });
}

const wordOf = (text: string): string => /^\w*/.exec(text)?.[0] ?? '';
