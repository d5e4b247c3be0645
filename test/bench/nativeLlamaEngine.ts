/**
 * llama.cpp built for this machine, as the server that people run beside an editor: `llama-server` on the loopback
 * address. Memory is the server's own.
 */
import { readGguf } from '../../src/inference/gguf/readGguf';
import type { PromptPart } from '../../src/inference/engine';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import { startLlamaServer, streamCompletion, type LlamaServer } from '../../scripts/lib/llamaServer.mjs';
import {
  BENCH_CONTEXT_TOKENS,
  type BenchEngine,
  type BenchEngineOptions,
  type GenerationTimes,
  type LoadTimes,
} from './benchEngine';
import { memoryOf, type MemoryReading } from './processMemory';

/** The likeliest token at the least cost; no run ends before another. */
const GREEDY = { samplers: ['top_k'], top_k: 1, temperature: 0, ignore_eos: true, cache_prompt: true };

export class NativeLlamaEngine implements BenchEngine {
  #loaded: { server: LlamaServer; tokenizer: Tokenizer } | undefined;

  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<LoadTimes> {
    const { modelPath, threads, serverProgram } = this.options;
    if (serverProgram === undefined) throw new Error('there is no native llama-server');
    const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
    const server = await startLlamaServer({
      program: serverProgram,
      modelPath,
      threads,
      contextTokens: BENCH_CONTEXT_TOKENS,
    });
    this.#loaded = { server, tokenizer };
    return { loadMs: server.loadMs, convertMs: 0, version: await versionOf(server) };
  }

  /** Token ids are made before the clock starts, unless the prompt is for `/infill`, which takes texts. */
  async generate(prompt: readonly PromptPart[], tokens: number): Promise<GenerationTimes> {
    if (this.#loaded === undefined) throw new Error('not loaded');
    const { server, tokenizer } = this.#loaded;
    const { path, body } = infillBody(prompt) ?? {
      path: '/completion',
      body: { prompt: tokenizer.encodePrompt(prompt) },
    };
    const start = performance.now();
    const arrivals: number[] = [];
    let text = '';
    for await (const event of streamCompletion(server.address + path, {
      ...GREEDY,
      ...body,
      n_predict: tokens,
    })) {
      if (!event.stop) arrivals.push(performance.now());
      text += event.content;
      if (!event.stop || event.timings === undefined) continue;
      const { timings } = event;
      if (timings.predicted_n !== tokens)
        throw new Error(`${timings.predicted_n} tokens instead of ${tokens}`);
      return {
        promptTokens: timings.cache_n + timings.prompt_n,
        cachedTokens: timings.cache_n,
        firstTokenMs: (arrivals[0] ?? NaN) - start,
        text,
        tokenMs: arrivals.slice(1).map((time, index) => time - (arrivals[index] as number)),
        // Its time of prediction begins with the first token.
        own: { prefillMs: timings.prompt_ms, decodeMs: timings.predicted_ms / Math.max(1, tokens - 1) },
      };
    }
    throw new Error('the stream ended without timings');
  }

  async memory(): Promise<MemoryReading> {
    if (this.#loaded === undefined) throw new Error('not loaded');
    return memoryOf(this.#loaded.server.pid);
  }

  async release(): Promise<void> {
    await this.#loaded?.server.stop();
    this.#loaded = undefined;
  }
}

/** The request for `/infill` of a prompt that fills in the middle; undefined for any other prompt. */
export function infillBody(
  prompt: readonly PromptPart[],
): { path: '/infill'; body: { input_prefix: string; input_suffix: string } } | undefined {
  const [pre, before, suf, after, mid, ...rest] = prompt;
  const isSpecial = (part: PromptPart | undefined, name: string): boolean =>
    part !== undefined && 'special' in part && part.special === name;
  if (!isSpecial(pre, 'fim_prefix') || !isSpecial(suf, 'fim_suffix') || !isSpecial(mid, 'fim_middle')) {
    return undefined;
  }
  if (before === undefined || !('text' in before) || after === undefined || !('text' in after))
    return undefined;
  if (rest.length > 0) return undefined;
  return { path: '/infill', body: { input_prefix: before.text, input_suffix: after.text } };
}

async function versionOf({ address, startLog }: LlamaServer): Promise<string> {
  const props = (await (await fetch(`${address}/props`)).json()) as { build_info?: string };
  const features = /system_info:.*?\| (CPU : .*)/.exec(startLog)?.[1]?.trim() ?? 'instruction sets unknown';
  return `llama-server ${props.build_info ?? 'of unknown build'} (${features})`;
}
