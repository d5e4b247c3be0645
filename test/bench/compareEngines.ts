/** Our engine beside llama.cpp: same file, same texts, same threads, turn by turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PromptPart } from '../../src/inference/engine';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import type { BenchEngine, BenchEngineOptions, GenerationTimes } from './benchEngine';
import { startChild, type Remote } from './childProcess';
import type { MemoryReading } from './childRoles';
import { sampleOfTokens } from './sampleCode';
import { percentile } from './statistics';

export const PREFILL_TOKENS = 512;
export const FIM_PREFIX_TOKENS = 1000;
export const FIM_SUFFIX_TOKENS = 128;
/** What a person types in the fill-in-the-middle measurement, one character per keystroke. */
const TYPED = 'value = result.get(key)';
/** Idle threads of both libraries spin for a moment before they sleep; the other one's turn waits for that. */
const TURN_PAUSE_MS = 300;

export const ENGINES = ['ours', 'llama.cpp'] as const;
export type EngineName = (typeof ENGINES)[number];
export type ByEngine<T> = Readonly<Record<EngineName, T>>;

/** Values of one engine, one per round; times in milliseconds. */
export interface EngineNumbers {
  readonly version: string;
  readonly loadMs: readonly number[];
  readonly prefillMs: readonly number[];
  /** Median over the tokens of a round. */
  readonly decodeMs: readonly number[];
  readonly keystrokeMs: readonly number[];
  /** Tokens that a keystroke had evaluated. */
  readonly keystrokeTokens: number;
  readonly memoryLoaded: MemoryReading;
  /** After all prefills of 512 tokens and their decodes. */
  readonly memoryWorked: MemoryReading;
}

export interface CompareOptions {
  readonly engines: BenchEngineOptions;
  readonly rounds: number;
  readonly decodeTokens: number;
  readonly keystrokes: number;
  readonly tokenizer: Tokenizer;
  readonly log: (line: string) => void;
}

type Pair = ByEngine<Remote<BenchEngine>>;

export async function compareEngines(options: CompareOptions): Promise<ByEngine<EngineNumbers>> {
  const loads = await measureLoads(options);
  const pair: Pair = {
    ours: startChild('ours', options.engines),
    'llama.cpp': startChild('llama.cpp', options.engines),
  };
  try {
    const versions = await each(async (name) => (await pair[name].load()).version);
    const memoryLoaded = await each((name) => pair[name].memory());
    const speeds = await measureSpeeds(pair, options);
    const memoryWorked = await each((name) => pair[name].memory());
    const keystrokes = await measureKeystrokes(pair, options);
    return await each(async (name) => ({
      version: versions[name],
      loadMs: loads[name],
      ...speeds[name],
      ...keystrokes[name],
      memoryLoaded: memoryLoaded[name],
      memoryWorked: memoryWorked[name],
    }));
  } finally {
    for (const name of ENGINES) await pair[name].close();
  }
}

/** A new process for each load; the first of each only warms the page cache. */
async function measureLoads({ engines, rounds, log }: CompareOptions): Promise<ByEngine<number[]>> {
  const times: ByEngine<number[]> = { ours: [], 'llama.cpp': [] };
  for (let round = 0; round <= rounds; round++) {
    for (const name of ENGINES) {
      const child: Remote<BenchEngine> = startChild(name, engines);
      const { loadMs } = await child.load();
      await child.close();
      if (round > 0) times[name].push(loadMs);
    }
  }
  log(`load: ${inShort(times)}`);
  return times;
}

async function measureSpeeds(
  pair: Pair,
  { rounds, decodeTokens, tokenizer, log }: CompareOptions,
): Promise<ByEngine<{ prefillMs: number[]; decodeMs: number[] }>> {
  const prefill: ByEngine<number[]> = { ours: [], 'llama.cpp': [] };
  const decode: ByEngine<number[]> = { ours: [], 'llama.cpp': [] };
  for (let round = 0; round <= rounds; round++) {
    // Another text each round, so that nothing of it can be in a cache.
    const prompt = [{ text: sampleOfTokens(tokenizer, round, PREFILL_TOKENS) }];
    for (const name of ENGINES) {
      await sleep(TURN_PAUSE_MS);
      const times = await pair[name].generate(prompt, decodeTokens + 1);
      check(name, times, PREFILL_TOKENS, 0);
      if (round === 0) continue;
      prefill[name].push(times.firstTokenMs);
      decode[name].push(percentile(times.tokenMs, 50));
    }
  }
  log(`prefill ${PREFILL_TOKENS}: ${inShort(prefill)}`);
  log(`decode: ${inShort(decode)}`);
  return each(async (name) => ({ prefillMs: prefill[name], decodeMs: decode[name] }));
}

/** Fill-in-the-middle as it is typed: the prefix stays in the cache, one more token and the suffix do not. */
async function measureKeystrokes(
  pair: Pair,
  { keystrokes, tokenizer, log }: CompareOptions,
): Promise<ByEngine<{ keystrokeMs: number[]; keystrokeTokens: number }>> {
  const prefix = sampleOfTokens(tokenizer, 3, FIM_PREFIX_TOKENS);
  const suffix = sampleOfTokens(tokenizer, 4, FIM_SUFFIX_TOKENS);
  const times: ByEngine<number[]> = { ours: [], 'llama.cpp': [] };
  const evaluated: Record<EngineName, number> = { ours: 0, 'llama.cpp': 0 };
  // The first two rounds fill the cache and warm up.
  for (let stroke = 0; stroke < keystrokes + 2; stroke++) {
    const prompt = fim(`${prefix}\n${TYPED.slice(0, stroke)}`, suffix);
    const promptTokens = tokenizer.encodePrompt(prompt).length;
    for (const name of ENGINES) {
      await sleep(TURN_PAUSE_MS);
      const found = await pair[name].generate(prompt, 1);
      check(name, found, promptTokens);
      if (stroke < 2) continue;
      times[name].push(found.firstTokenMs);
      evaluated[name] = Math.max(evaluated[name], found.promptTokens - found.cachedTokens);
    }
  }
  log(`first token after a keystroke: ${inShort(times)}`);
  return each(async (name) => ({ keystrokeMs: times[name], keystrokeTokens: evaluated[name] }));
}

const fim = (prefix: string, suffix: string): readonly PromptPart[] => [
  { special: 'fim_prefix' },
  { text: prefix },
  { special: 'fim_suffix' },
  { text: suffix },
  { special: 'fim_middle' },
];

/** Numbers of unequal work would be worth nothing. */
function check(name: EngineName, found: GenerationTimes, promptTokens: number, cachedTokens?: number): void {
  if (found.promptTokens !== promptTokens)
    throw new Error(`${name} made ${found.promptTokens} tokens of a prompt of ${promptTokens}`);
  if (cachedTokens !== undefined && found.cachedTokens !== cachedTokens)
    throw new Error(`${name} had ${found.cachedTokens} tokens in its cache instead of ${cachedTokens}`);
}

async function each<T>(measure: (name: EngineName) => Promise<T>): Promise<ByEngine<T>> {
  return { ours: await measure('ours'), 'llama.cpp': await measure('llama.cpp') };
}

const inShort = (times: ByEngine<readonly number[]>): string =>
  ENGINES.map((name) => `${name} ${percentile(times[name], 50).toFixed(1)} ms`).join(', ');
