/**
 * llama.cpp through node-llama-cpp, which only the benchmarks install. Its types are not there when the project is
 * checked, so the few that are needed are declared here (after its documentation for 3.22).
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PromptPart } from '../../src/inference/engine';
import { specialTokenSpelling } from '../../src/inference/tokenizer/specialTokens';
import {
  BENCH_CONTEXT_TOKENS,
  type BenchEngine,
  type BenchEngineOptions,
  type GenerationTimes,
  type LoadTimes,
} from './benchEngine';

interface LlamaModule {
  readonly getLlama: (options: {
    gpu: false;
    build: 'never';
    maxThreads: number;
    logLevel: 'error';
  }) => Promise<Llama>;
}
interface Llama {
  readonly llamaCppRelease: { readonly release: string };
  readonly systemInfo: string;
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}
interface LlamaModel {
  createContext(options: { contextSize: number; batchSize: number; threads: number }): Promise<LlamaContext>;
  tokenize(text: string, specialTokens: boolean): number[];
}
interface LlamaContext {
  getSequence(): LlamaSequence;
}
interface LlamaSequence {
  readonly nextTokenIndex: number;
  /** Forgets what differs; without `allowShift` nothing behind the first difference is kept. */
  adaptStateToTokens(tokens: number[], allowShift: boolean): Promise<void>;
  evaluate(tokens: number[], options: { temperature: number; yieldEogToken: boolean }): AsyncIterable<number>;
}

const PACKAGE = resolve('test/bench/node_modules/node-llama-cpp');
/** The prompt of the prefill measurement goes through in one batch, as the library's users would have it. */
const BATCH_TOKENS = 512;

export class PrebuiltLlamaEngine implements BenchEngine {
  #loaded: { llama: Llama; model: LlamaModel; sequence: LlamaSequence } | undefined;

  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<LoadTimes> {
    const { modelPath, threads } = this.options;
    const start = performance.now();
    const { getLlama } = (await import(pathToFileURL(`${PACKAGE}/dist/index.js`).href)) as LlamaModule;
    const llama = await getLlama({ gpu: false, build: 'never', maxThreads: threads, logLevel: 'error' });
    const model = await llama.loadModel({ modelPath });
    const context = await model.createContext({
      contextSize: BENCH_CONTEXT_TOKENS,
      batchSize: BATCH_TOKENS,
      threads,
    });
    this.#loaded = { llama, model, sequence: context.getSequence() };
    const loadMs = performance.now() - start;
    const { version } = JSON.parse(readFileSync(`${PACKAGE}/package.json`, 'utf8')) as { version: string };
    return {
      loadMs,
      convertMs: 0,
      version: `node-llama-cpp ${version}, llama.cpp ${llama.llamaCppRelease.release} (${llama.systemInfo.trim()})`,
    };
  }

  async generate(prompt: readonly PromptPart[], tokens: number): Promise<GenerationTimes> {
    if (this.#loaded === undefined) throw new Error('not loaded');
    const { model, sequence } = this.#loaded;
    const start = performance.now();
    const ids = prompt.flatMap((part) =>
      'text' in part
        ? model.tokenize(part.text, false)
        : model.tokenize(specialTokenSpelling(part.special), true),
    );
    await sequence.adaptStateToTokens(ids, false);
    // The last token is always evaluated: its logits are what decoding begins with.
    if (sequence.nextTokenIndex >= ids.length) await sequence.adaptStateToTokens(ids.slice(0, -1), false);
    const cachedTokens = sequence.nextTokenIndex;
    let firstTokenMs: number | undefined;
    let last = start;
    const tokenMs: number[] = [];
    const options = { temperature: 0, yieldEogToken: true };
    const generated: number[] = [];
    for await (const token of sequence.evaluate(ids.slice(cachedTokens), options)) {
      const time = performance.now();
      if (generated.push(token) === 1) firstTokenMs = time - start;
      else tokenMs.push(time - last);
      last = time;
      if (generated.length >= tokens) break;
    }
    return { promptTokens: ids.length, cachedTokens, firstTokenMs: firstTokenMs ?? NaN, tokenMs };
  }

  async release(): Promise<void> {
    await this.#loaded?.llama.dispose();
    this.#loaded = undefined;
  }
}
