/** What has no counterpart in llama.cpp's library: conversion, chunk lengths, aborts, the client's event loop. */
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import type { BenchEngineOptions } from './benchEngine';
import { startChild } from './childProcess';
import { PREFILL_TOKENS } from './compareEngines';
import type { TypingDelays } from './hostBench';
import type { OperatorNumbers } from './operators/operatorBench';
import { sampleOfTokens } from './sampleCode';
import { percentile } from './statistics';

export const CHUNK_LENGTHS = [16, 32, 64, 128, 256, 512] as const;
export const KEYSTROKE_INTERVAL_MS = 30;
const TYPED_LINE = 'total = total + item.price * item.count\n    ';

/** The editor's situations, by name; see `TypingRun.debounceMs`. */
export const TYPING_KINDS = [
  { name: 'engine idle, nothing asked', debounceMs: undefined },
  { name: 'every keystroke asks, default wait of 60 ms', debounceMs: 60 },
  { name: 'every keystroke asks, no wait: engine always at work', debounceMs: 0 },
] as const;

export interface ConversionNumbers {
  readonly convertMs: number;
  /** Everything else at the first start: SHA-256 of the weights, tokenizer, graph. */
  readonly restMs: number;
  readonly peakBytes: number | undefined;
}

export interface ChunkNumbers {
  readonly chunkTokens: number;
  /** Of the whole prefill, one per round. */
  readonly totalMs: readonly number[];
  /** Of all chunks of all rounds. */
  readonly chunkMs: readonly number[];
}

export interface TypingNumbers {
  readonly name: string;
  /** One per round. */
  readonly runs: readonly TypingDelays[];
}

export interface ProductOptions {
  readonly engines: BenchEngineOptions;
  readonly tokenizer: Tokenizer;
  readonly log: (line: string) => void;
}

/** Converts into the (empty) cache folder in a process of its own. */
export async function measureConversion({ engines, log }: ProductOptions): Promise<ConversionNumbers> {
  const child = startChild('ours', engines);
  const { loadMs, convertMs } = await child.load();
  const { peak } = await child.memory();
  await child.close();
  log(`conversion (${engines.variant}): ${(convertMs / 1000).toFixed(1)} s`);
  return { convertMs, restMs: loadMs, peakBytes: peak };
}

/** Prefill of 512 tokens in chunks of each length, the lengths taking turns. */
export async function measureChunks(options: ProductOptions, rounds: number): Promise<ChunkNumbers[]> {
  const { engines, tokenizer, log } = options;
  const ids = tokenizer.encode(sampleOfTokens(tokenizer, 1, PREFILL_TOKENS));
  const found = CHUNK_LENGTHS.map((chunkTokens) => ({
    chunkTokens,
    totalMs: [] as number[],
    chunkMs: [] as number[],
  }));
  const child = startChild('chunks', engines);
  await child.load();
  await child.prefill(ids, PREFILL_TOKENS);
  for (let round = 0; round < rounds; round++) {
    for (const { chunkTokens, totalMs, chunkMs } of found) {
      const times = await child.prefill(ids, chunkTokens);
      totalMs.push(times.reduce((sum, ms) => sum + ms, 0));
      chunkMs.push(...times);
    }
  }
  await child.close();
  for (const { chunkTokens, totalMs } of found) {
    log(`prefill in chunks of ${chunkTokens}: ${percentile(totalMs, 50).toFixed(0)} ms`);
  }
  return found;
}

/** Where the time of a prefill of 512 tokens and of the tokens behind it goes. */
export async function measureOperators({ engines, tokenizer }: ProductOptions): Promise<OperatorNumbers> {
  const child = startChild('operators', engines);
  const numbers = await child.measure(tokenizer.encode(sampleOfTokens(tokenizer, 2, PREFILL_TOKENS)));
  await child.close();
  return numbers;
}

export type AbortNumbers = Readonly<Record<'prefill' | 'decode', readonly number[]>>;

/** Withdraws requests at times spread over prefill and decode, through the real client and worker. */
export async function measureAborts(
  options: ProductOptions,
  aborts: number,
  times: { readonly prefillMs: number; readonly decodeMs: number },
): Promise<AbortNumbers> {
  const { engines, tokenizer, log } = options;
  const child = startChild('host', engines);
  await child.load();
  const found = { prefill: [] as number[], decode: [] as number[] };
  for (const phase of ['prefill', 'decode'] as const) {
    // 5 to 95 % of a prefill; any point within some tokens of a decode.
    const [from, to] =
      phase === 'prefill' ? [0.05 * times.prefillMs, 0.95 * times.prefillMs] : [0, 4 * times.decodeMs];
    for (let at = 0; at < aborts; at++) {
      const afterMs = from + ((to - from) * (at + 0.5)) / aborts;
      // Another prompt each time, so that a prefill begins at its beginning.
      const prompt = sampleOfTokens(tokenizer, at, phase === 'prefill' ? PREFILL_TOKENS : 64);
      const latency = await child.abortLatency({ prompt, afterMs, phase });
      if (latency !== undefined) found[phase].push(latency);
    }
    log(`aborts in ${phase}: ${percentile(found[phase], 50).toFixed(0)} ms`);
  }
  await child.close();
  return found;
}

/** Delay of the client's event loop while keys are typed, the situations taking turns. */
export async function measureTyping(
  options: ProductOptions,
  keystrokes: number,
  rounds: number,
): Promise<TypingNumbers[]> {
  const { engines, tokenizer, log } = options;
  const prefix = `${sampleOfTokens(tokenizer, 5, 1000)}\n    `;
  const suffix = `\n${sampleOfTokens(tokenizer, 6, 400)}`;
  const typed = TYPED_LINE.repeat(Math.ceil(keystrokes / TYPED_LINE.length)).slice(0, keystrokes);
  const child = startChild('host', engines);
  await child.load();
  const found = TYPING_KINDS.map(({ name, debounceMs }) => ({
    name,
    debounceMs,
    runs: [] as TypingDelays[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { debounceMs, runs } of found) {
      const run = { prefix, suffix, typed, intervalMs: KEYSTROKE_INTERVAL_MS };
      runs.push(await child.type({ ...run, ...(debounceMs !== undefined && { debounceMs }) }));
    }
  }
  await child.close();
  for (const { name, runs } of found) {
    log(`event loop, ${name}: p99 ${runs.map(({ p99 }) => p99.toFixed(1)).join(', ')} ms`);
  }
  return found.map(({ name, runs }) => ({ name, runs }));
}
