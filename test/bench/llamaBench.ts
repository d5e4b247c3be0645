/** llama.cpp's own benchmark, to see that the server that stands beside us is as fast as it can be. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Milliseconds, one per repetition. */
export interface LlamaBenchNumbers {
  readonly prefillMs: readonly number[];
  /** Mean of a token behind the prefill. */
  readonly decodeMs: readonly number[];
}

export interface LlamaBenchOptions {
  readonly program: string;
  readonly modelPath: string;
  readonly threads: number;
  readonly promptTokens: number;
  readonly decodeTokens: number;
  readonly repetitions: number;
}

/** @throws Error when the program fails or prints something else than it did */
export async function runLlamaBench(options: LlamaBenchOptions): Promise<LlamaBenchNumbers> {
  const { promptTokens, decodeTokens } = options;
  const prefill = await samples(options, ['-p', String(promptTokens), '-n', '0']);
  const decode = await samples(options, ['-p', '0', '-n', String(decodeTokens), '-d', String(promptTokens)]);
  return { prefillMs: prefill, decodeMs: decode.map((ms) => ms / decodeTokens) };
}

async function samples(
  { program, modelPath, threads, repetitions }: LlamaBenchOptions,
  what: readonly string[],
): Promise<number[]> {
  const common = ['-m', modelPath, '-t', String(threads), '-r', String(repetitions), '-o', 'json'];
  const { stdout } = await promisify(execFile)(program, [...common, ...what]);
  return parseLlamaBench(stdout);
}

/** @param json what it prints with `-o json` for one test @returns milliseconds of each repetition @throws Error */
export function parseLlamaBench(json: string): number[] {
  const tests = JSON.parse(json) as readonly { readonly samples_ns?: readonly number[] }[];
  const nanoseconds = tests[0]?.samples_ns;
  if (tests.length !== 1 || nanoseconds === undefined || nanoseconds.length === 0)
    throw new Error(`llama-bench printed ${tests.length} tests and no samples`);
  return nanoseconds.map((ns) => ns / 1e6);
}
