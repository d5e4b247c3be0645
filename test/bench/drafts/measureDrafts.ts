/** What drafts are worth: on edits, on fresh code, on prose. */
import type { BenchEngineOptions } from '../benchEngine';
import { startChild } from '../childProcess';
import { percentile } from '../statistics';
import type { DraftTimes, Parting } from './draftBench';
import { realEdits } from './edits';

const FRESH = [
  'Write a Python function that reads a CSV file and returns the sum of each numeric column.',
  'Write a TypeScript class for a priority queue with push, pop and peek.',
  'Write a Go HTTP handler that returns the current time as JSON.',
  'Write a Rust function that counts the words of a text in a HashMap.',
  'Write a Java method that merges two sorted lists of integers.',
  'Write a C++ function that reverses the words in a string in place.',
];
const PROSE = [
  'What is the difference between a process and a thread? Do not use code.',
  'When is a linked list better than an array? Do not use code.',
  'What does a garbage collector do? Do not use code.',
  'What is a race condition, and how are they avoided? Do not use code.',
  'Why do programmers write tests? Do not use code.',
  'What is the purpose of an index in a database? Do not use code.',
];

export interface DraftedText {
  readonly name: string;
  readonly without: DraftTimes;
  readonly with: DraftTimes;
  /** Where the model chose otherwise with drafts. */
  readonly parting?: Parting;
}

export interface DraftNumbers {
  readonly edits: readonly DraftedText[];
  readonly fresh: readonly DraftedText[];
  readonly prose: readonly DraftedText[];
}

export interface DraftsOptions {
  readonly engines: BenchEngineOptions;
  /** Folder of `ensureEditSources`. */
  readonly sources: string;
  /** Edits of each language, and half as many answers of each kind. */
  readonly texts: number;
  /** Tokens of an answer. */
  readonly tokens: number;
  readonly log: (line: string) => void;
}

/** With and without drafts, taking turns text by text. */
export async function measureDrafts(options: DraftsOptions): Promise<DraftNumbers> {
  const { engines, sources, texts, tokens, log } = options;
  const child = startChild('drafts', engines);
  await child.load();
  try {
    const edits: DraftedText[] = [];
    for (const [at, edit] of realEdits(sources, texts).entries()) {
      const both = await inTurn(at, (drafts) => child.edit(edit, drafts));
      edits.push({ name: edit.name, ...both });
    }
    const answers = async (asked: readonly string[]): Promise<DraftedText[]> => {
      const found: DraftedText[] = [];
      for (const [at, words] of asked.slice(0, texts).entries()) {
        const both = await inTurn(at, (drafts) => child.answer(words, tokens, drafts));
        const parting = await child.parting(words, [both.without.text ?? '', both.with.text ?? '']);
        found.push({ name: words, ...both, ...(parting !== undefined && { parting }) });
      }
      return found;
    };
    const numbers = { edits, fresh: await answers(FRESH), prose: await answers(PROSE) };
    for (const kind of ['edits', 'fresh', 'prose'] as const) {
      log(`drafts, ${kind}: ${percentile(draftRatios(numbers[kind]), 50).toFixed(2)} times as fast`);
    }
    return numbers;
  } finally {
    await child.close();
  }
}

/** Speed with drafts by speed without, text by text: by time per token, since texts may part. */
export const draftRatios = (texts: readonly DraftedText[]): number[] =>
  texts.map((text) => msPerToken(text.without) / msPerToken(text.with));

export const msPerToken = ({ ms, tokens }: DraftTimes): number => ms / tokens;

async function inTurn(
  at: number,
  measure: (drafts: boolean) => Promise<DraftTimes>,
): Promise<Pick<DraftedText, 'with' | 'without'>> {
  const first = await measure(at % 2 === 0);
  const second = await measure(at % 2 !== 0);
  return at % 2 === 0 ? { with: first, without: second } : { with: second, without: first };
}
