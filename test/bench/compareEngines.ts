/** Our engine beside llama.cpp: same file, same texts, same threads, turn by turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fimPrompt } from '../../src/completion/fimPrompt';
import type { PromptPart, Variant } from '../../src/inference/engine';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import type { BenchEngine, BenchEngineOptions, GenerationTimes, OwnTimes } from './benchEngine';
import { startChild, type Remote } from './childProcess';
import type { MemoryReading } from './processMemory';
import { freshSamples, sampleOfTokens } from './sampleCode';
import { percentile } from './statistics';
import type { RecordedConversation } from './workload/conversationLog';
import { replayConversation } from './workload/replayConversation';
import { madeUpRequests } from './workload/replayRequests';
import type { RecordedSequence } from './workload/requestLog';
import type { WorkloadNumbers } from './workload/workloadNumbers';

/** The length behind which tokens are decoded and after which memory is read. */
export const PREFILL_TOKENS = 512;
export const SHORT_PREFILL_TOKENS = 128;
export const LONG_PREFILL_TOKENS = 2048;
export const FIM_PREFIX_TOKENS = 1000;
export const FIM_SUFFIX_TOKENS = 250;
/** What a person types in the fill-in-the-middle measurement, one character per keystroke. */
const TYPED = 'value = result.get(key)';
/** Of texts that no other measurement has. */
const FIRST_WORKLOAD_SEED = 20;
const FIRST_CONVERSATION_SEED = 41;
const SEEDS_PER_CONVERSATION = 7;
/** Idle threads of both libraries spin for a moment before they sleep; the other one's turn waits for that. */
const TURN_PAUSE_MS = 300;

export type EngineKind = 'ours' | 'prebuilt' | 'native';

/** One of the engines that take turns. */
export interface EngineEntry {
  /** The table's column. */
  readonly name: string;
  readonly kind: EngineKind;
  readonly options: BenchEngineOptions;
}

export interface PrefillNumbers {
  readonly tokens: number;
  readonly ms: readonly number[];
}

/** Values of one engine, one per round; times in milliseconds. */
export interface EngineNumbers {
  readonly name: string;
  readonly kind: EngineKind;
  readonly version: string;
  readonly loadMs: readonly number[];
  /** By length, shortest first. */
  readonly prefill: readonly PrefillNumbers[];
  /** Median over the tokens of a round. */
  readonly decodeMs: readonly number[];
  /** By the engine's own clock, of the rounds of `PREFILL_TOKENS`; only a server has one. */
  readonly own: readonly OwnTimes[];
  readonly keystrokes: Keystrokes;
  /** The same with the suffix kept by ours; measured with the others again, so that there are pairs. */
  readonly keptKeystrokes: Keystrokes;
  /** Only of ours in the first variant, and of the native llama.cpp. */
  readonly requests?: WorkloadNumbers;
  /** The same for conversations. */
  readonly chat?: WorkloadNumbers;
  readonly memoryLoaded: MemoryReading;
  /** After all prefills of `PREFILL_TOKENS` and their decodes. */
  readonly memoryWorked: MemoryReading;
}

export interface CompareOptions {
  readonly engines: readonly EngineEntry[];
  readonly rounds: number;
  readonly longRounds: number;
  readonly decodeTokens: number;
  readonly keystrokes: number;
  /** Requests as the editor makes them. */
  readonly workload: readonly RecordedSequence[];
  readonly conversations: readonly RecordedConversation[];
  readonly tokenizer: Tokenizer;
  readonly log: (line: string) => void;
}

interface Running {
  readonly entry: EngineEntry;
  readonly child: Remote<BenchEngine>;
}

/** Ours in each variant, the first one first, then what llama.cpp there is. */
export function enginesToCompare(
  base: Omit<BenchEngineOptions, 'variant'>,
  variants: readonly Variant[],
  cacheDirOf: (variant: Variant) => string,
): EngineEntry[] {
  const ours = variants.map((variant) => ({
    name: `ours, ${variant}`,
    kind: 'ours' as const,
    options: { ...base, variant, cacheDir: cacheDirOf(variant) },
  }));
  // What variant llama.cpp is given says nothing to it.
  const options = { ...base, variant: variants[0] ?? 'exact' };
  const llama: EngineEntry[] = [{ name: 'llama.cpp, prebuilt', kind: 'prebuilt', options }];
  if (base.serverProgram !== undefined) llama.push({ name: 'llama.cpp, native', kind: 'native', options });
  return [...ours, ...llama];
}

/** @returns numbers in the order of `options.engines` */
export async function compareEngines(options: CompareOptions): Promise<EngineNumbers[]> {
  const loads = await measureLoads(options);
  const running = options.engines.map((entry) => ({ entry, child: startChild(entry.kind, entry.options) }));
  try {
    const versions = await each(running, async ({ child }) => (await child.load()).version);
    const memoryLoaded = await each(running, ({ child }) => child.memory());
    // Another text each time, so that nothing of it can be in a cache.
    const nextSample = freshSamples(options.tokenizer);
    const [middle, decodes] = await measureSpeeds(running, options, nextSample);
    const memoryWorked = await each(running, ({ child }) => child.memory());
    const { rounds, longRounds } = options;
    const prefill = (tokens: number, times: number): Promise<PrefillNumbers[]> =>
      measurePrefills(running, options, nextSample, { tokens, rounds: times });
    const short = await prefill(SHORT_PREFILL_TOKENS, rounds);
    const long = await prefill(LONG_PREFILL_TOKENS, longRounds);
    const keystrokes = await measureKeystrokes(running, options, false);
    const keptKeystrokes = await measureKeystrokes(running, options, true);
    const requests = await measureWorkload(running, options);
    const chat = await measureConversations(running, options);
    return options.engines.map(({ name, kind }, at) => ({
      name,
      kind,
      version: versions[at] as string,
      loadMs: loads[at] as number[],
      prefill: [short, middle, long].map((list) => list[at] as PrefillNumbers),
      ...(decodes[at] as Decodes),
      keystrokes: keystrokes[at] as Keystrokes,
      keptKeystrokes: keptKeystrokes[at] as Keystrokes,
      ...(requests[at] !== undefined && { requests: requests[at] }),
      ...(chat[at] !== undefined && { chat: chat[at] }),
      memoryLoaded: memoryLoaded[at] as MemoryReading,
      memoryWorked: memoryWorked[at] as MemoryReading,
    }));
  } finally {
    await each(running, ({ child }) => child.close());
  }
}

/** A new process for each load; the first of each only warms the page cache. */
async function measureLoads({ engines, rounds, log }: CompareOptions): Promise<number[][]> {
  const times: number[][] = engines.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const at of turns(engines.length, round)) {
      const { kind, options } = engines[at] as EngineEntry;
      const child: Remote<BenchEngine> = startChild(kind, options);
      const { loadMs } = await child.load();
      await child.close();
      if (round > 0) times[at]?.push(loadMs);
    }
  }
  log(`load: ${inShort(engines, times)}`);
  return times;
}

interface Decodes {
  readonly decodeMs: number[];
  readonly own: OwnTimes[];
}

/** Prefill of `PREFILL_TOKENS` and decode behind it; the first round only warms up. */
async function measureSpeeds(
  running: readonly Running[],
  { engines, rounds, decodeTokens, log }: CompareOptions,
  nextSample: (tokens: number) => string,
): Promise<[PrefillNumbers[], Decodes[]]> {
  const prefill = running.map(() => ({ tokens: PREFILL_TOKENS, ms: [] as number[] }));
  const decodes: Decodes[] = running.map(() => ({ decodeMs: [], own: [] }));
  for (let round = 0; round <= rounds; round++) {
    const prompt = [{ text: nextSample(PREFILL_TOKENS) }];
    await takeTurns(running, round, async ({ entry, child }, at) => {
      const times = await child.generate(prompt, decodeTokens + 1);
      check(entry.name, times, PREFILL_TOKENS, 0);
      if (round === 0) return;
      prefill[at]?.ms.push(times.firstTokenMs);
      decodes[at]?.decodeMs.push(percentile(times.tokenMs, 50));
      if (times.own !== undefined) decodes[at]?.own.push(times.own);
    });
  }
  const decodeMs = decodes.map((found) => found.decodeMs);
  log(
    `prefill ${PREFILL_TOKENS}: ${inShort(
      engines,
      prefill.map(({ ms }) => ms),
    )}`,
  );
  log(`decode: ${inShort(engines, decodeMs)}`);
  return [prefill, decodes];
}

/** Prefill of another length; everything is warm by now. */
async function measurePrefills(
  running: readonly Running[],
  { engines, log }: CompareOptions,
  nextSample: (tokens: number) => string,
  { tokens, rounds }: { readonly tokens: number; readonly rounds: number },
): Promise<PrefillNumbers[]> {
  const found = running.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    const prompt = [{ text: nextSample(tokens) }];
    await takeTurns(running, round, async ({ entry, child }, at) => {
      const times = await child.generate(prompt, 1);
      check(entry.name, times, tokens, 0);
      found[at]?.push(times.firstTokenMs);
    });
  }
  log(`prefill ${tokens}: ${inShort(engines, found)}`);
  return found.map((ms) => ({ tokens, ms }));
}

export interface Keystrokes {
  /** To the first token. */
  readonly ms: readonly number[];
  /** Tokens that a keystroke had evaluated at most. */
  readonly tokens: number;
}

/** Fill-in-the-middle as it is typed: the prefix stays in the cache, one more token and the suffix do not. */
async function measureKeystrokes(
  running: readonly Running[],
  { engines, keystrokes, tokenizer, log }: CompareOptions,
  keepSuffix: boolean,
): Promise<Keystrokes[]> {
  const prefix = sampleOfTokens(tokenizer, keepSuffix ? 5 : 3, FIM_PREFIX_TOKENS);
  const suffix = sampleOfTokens(tokenizer, keepSuffix ? 6 : 4, FIM_SUFFIX_TOKENS);
  const times = running.map(() => [] as number[]);
  const evaluated = running.map(() => 0);
  // The first two rounds fill the cache and warm up.
  for (let stroke = 0; stroke < keystrokes + 2; stroke++) {
    const prompt = fimPrompt(`${prefix}\n${TYPED.slice(0, stroke)}`, suffix);
    const promptTokens = tokenizer.encodePrompt(prompt).length;
    await takeTurns(running, stroke, async ({ entry, child }, at) => {
      const found = await child.generate(prompt, 1, keepSuffix && entry.kind === 'ours');
      check(entry.name, found, promptTokens);
      if (stroke < 2) return;
      times[at]?.push(found.firstTokenMs);
      evaluated[at] = Math.max(evaluated[at] as number, found.promptTokens - found.cachedTokens);
    });
  }
  log(`first token after a keystroke${keepSuffix ? ', suffix kept' : ''}: ${inShort(engines, times)}`);
  return times.map((ms, at) => ({ ms, tokens: evaluated[at] as number }));
}

/** Ours as it is by default, and the one built for this machine. */
const players = (running: readonly Running[]): Running[] =>
  running.filter(({ entry }, at) => at === 0 || entry.kind === 'native');

interface Noting extends WorkloadNumbers {
  readonly firstMs: number[];
  readonly wholeMs: number[];
  evaluated: number;
}

const noted = (sequences: number): Noting => ({ sequences, firstMs: [], wholeMs: [], evaluated: 0 });

function note(numbers: Noting, times: GenerationTimes): void {
  numbers.firstMs.push(times.firstTokenMs);
  numbers.wholeMs.push(times.firstTokenMs + times.tokenMs.reduce((sum, ms) => sum + ms, 0));
  numbers.evaluated += times.promptTokens - times.cachedTokens;
}

/** Whole documents by turns. */
function measureWorkload(
  running: readonly Running[],
  { workload, tokenizer, ...options }: CompareOptions,
): Promise<(WorkloadNumbers | undefined)[]> {
  return measureSequences(
    running,
    options,
    'requests as recorded',
    workload,
    async (sequence, round, ask) => {
      const requests = madeUpRequests(sequence, tokenizer, FIRST_WORKLOAD_SEED + round);
      for (const { prompt, tokens } of requests)
        await ask(prompt, tokens, tokenizer.encodePrompt(prompt).length);
    },
  );
}

/** Whole conversations by turns. */
function measureConversations(
  running: readonly Running[],
  { conversations, tokenizer, ...options }: CompareOptions,
): Promise<(WorkloadNumbers | undefined)[]> {
  return measureSequences(running, options, 'conversations', conversations, (conversation, round, ask) => {
    const seed = FIRST_CONVERSATION_SEED + round * SEEDS_PER_CONVERSATION;
    return replayConversation(conversation, tokenizer, seed, async (text, tokens) => {
      const times = await ask([{ text }], tokens, tokenizer.encode(text).length);
      return times.text ?? '';
    });
  });
}

/** Asks the engine whose turn it is. @param promptTokens that it has to make of the prompt */
type AskInTurn = (
  prompt: readonly PromptPart[],
  tokens: number,
  promptTokens: number,
) => Promise<GenerationTimes>;

/** Whole sequences by turns, since each request leaves something in the KV cache for the next. */
async function measureSequences<Sequence>(
  running: readonly Running[],
  { engines, log }: Pick<CompareOptions, 'engines' | 'log'>,
  what: string,
  sequences: readonly Sequence[],
  play: (sequence: Sequence, round: number, ask: AskInTurn) => Promise<void>,
): Promise<(WorkloadNumbers | undefined)[]> {
  const playing = players(running);
  const found = playing.map(() => noted(sequences.length));
  for (const [round, sequence] of sequences.entries()) {
    await takeTurns(playing, round, ({ entry, child }, at) =>
      play(sequence, round, async (prompt, tokens, promptTokens) => {
        // Of a prompt that fills nothing in there is no suffix to keep.
        const times = await child.generate(prompt, tokens, entry.kind === 'ours');
        check(entry.name, times, promptTokens);
        note(found[at] as Noting, times);
        return times;
      }),
    );
  }
  if (sequences.length > 0)
    log(
      `${what}, first token: ${inShort(
        playing.map(({ entry }) => entry),
        found.map(({ firstMs }) => firstMs),
      )}`,
    );
  return engines.map((entry) => found[playing.findIndex((one) => one.entry === entry)]);
}

/** Numbers of unequal work would be worth nothing. */
function check(name: string, found: GenerationTimes, promptTokens: number, cachedTokens?: number): void {
  if (found.promptTokens !== promptTokens)
    throw new Error(`${name} made ${found.promptTokens} tokens of a prompt of ${promptTokens}`);
  if (cachedTokens !== undefined && found.cachedTokens !== cachedTokens)
    throw new Error(`${name} had ${found.cachedTokens} tokens in its cache instead of ${cachedTokens}`);
}

/** Who goes when: each round begins with another, so that nobody is always first. */
export function turns(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, at) => (at + round) % count);
}

async function takeTurns(
  running: readonly Running[],
  round: number,
  measure: (one: Running, at: number) => Promise<void>,
): Promise<void> {
  for (const at of turns(running.length, round)) {
    await sleep(TURN_PAUSE_MS);
    await measure(running[at] as Running, at);
  }
}

/** One after the other. */
async function each<T>(running: readonly Running[], measure: (one: Running) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (const one of running) found.push(await measure(one));
  return found;
}

const inShort = (engines: readonly EngineEntry[], times: readonly (readonly number[])[]): string =>
  engines.map(({ name }, at) => `${name} ${percentile(times[at] ?? [], 50).toFixed(1)} ms`).join('; ');
