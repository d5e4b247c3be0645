import { chatPrompt } from '../../../src/assist/chatPrompt';
import { fenced, openFence, question } from '../../../src/assist/commands/prompts';
import type { PromptPart } from '../../../src/inference/engine';
import { DecodeSteps } from '../../../src/inference/session/decodeSteps';
import { runCostOf } from '../../../src/inference/session/draftLength';
import type { Session } from '../../../src/inference/session/session';
import { collect } from '../../support/collect';
import { openGraph, type OpenedGraph } from '../../support/tinyModel';
import { BENCH_CONTEXT_TOKENS, type BenchEngineOptions } from '../benchEngine';
import type { Edit } from './edits';

/** What decoding a text has cost. */
export interface DraftTimes {
  /** Tokens behind the first. */
  readonly tokens: number;
  readonly ms: number;
  readonly drafted: number;
  readonly accepted: number;
  /** Of free text: what was written. */
  readonly text?: string;
}

/** Where two greedy texts part. */
export interface Parting {
  /** Tokens that are the same. */
  readonly at: number;
  /** By how much the likelier of the two leads in a straight run, in logits. */
  readonly gap: number;
}

/** Decoding with and without drafts. */
export class DraftBench {
  #opened: { readonly graph: OpenedGraph; readonly session: Session } | undefined;

  constructor(private readonly options: BenchEngineOptions) {}

  async load(): Promise<void> {
    const { modelPath, cacheDir, threads, variant } = this.options;
    const graph = await openGraph(modelPath, cacheDir, { threads, variant });
    this.#opened = { graph, session: graph.session({ contextTokens: BENCH_CONTEXT_TOKENS }) };
  }

  /**
   * *Edit* as the command asks it, answered by what people have written in place of the model: its own choice would be
   * another with each model, and with a small one hardly theirs.
   */
  async edit({ before, after, languageId }: Edit, drafts: boolean): Promise<DraftTimes> {
    const { graph, session } = this.#ready();
    const told = `Change the code below: as it is in the next release\nAnswer with the whole changed code and no explanation.\n`;
    const prompt = session.tokenizer.encodePrompt([
      ...chatPrompt(question(told + fenced(before, languageId))),
      { text: openFence(languageId) },
    ]);
    const answer = session.tokenizer.encode(`${after}\n\`\`\``);
    const cache = graph.newCache(BENCH_CONTEXT_TOKENS);
    await graph.graph.run({ ids: prompt, rows: [prompt.length - 1] }, cache);
    const options = {
      cost: runCostOf(this.options.variant),
      mayDraft: (id: number) => !session.tokenizer.isSpecial(id),
    };
    const steps = new DecodeSteps(graph.graph, cache, prompt, drafts ? options : undefined);
    const started = performance.now();
    for (const [at, token] of answer.slice(0, -1).entries()) {
      await steps.step(token, answer.length - at - 2, async () => {});
    }
    const ms = performance.now() - started;
    return { tokens: answer.length - 1, ms, drafted: steps.drafted, accepted: steps.accepted };
  }

  /** What the model itself answers, greedily. */
  async answer(words: string, tokens: number, drafts: boolean): Promise<DraftTimes> {
    const { session } = this.#ready();
    const { text, stats } = await collect(
      session.generate({ prompt: askedIn(words), maxTokens: tokens, drafts }, () => false),
    );
    return {
      tokens: stats.generatedTokens - 1,
      ms: stats.decodeMs,
      drafted: stats.draftedTokens ?? 0,
      accepted: stats.acceptedTokens ?? 0,
      text,
    };
  }

  /** @returns undefined where they do not part */
  async parting(words: string, texts: readonly [string, string]): Promise<Parting | undefined> {
    const { session } = this.#ready();
    const prompt = session.tokenizer.encodePrompt(askedIn(words));
    const [one, other] = texts.map((text) => session.tokenizer.encode(text)) as [number[], number[]];
    const at = one.findIndex((id, index) => id !== other[index]);
    if (at < 0) return undefined;
    const logits = (await session.evaluate([...prompt, ...one.slice(0, at)])).at(-1);
    return { at, gap: Math.abs((logits?.[one[at] as number] ?? NaN) - (logits?.[other[at] ?? -1] ?? NaN)) };
  }

  async release(): Promise<void> {
    await this.#opened?.graph.graph.release();
    this.#opened = undefined;
  }

  #ready(): { readonly graph: OpenedGraph; readonly session: Session } {
    if (this.#opened === undefined) throw new Error('not loaded');
    return this.#opened;
  }
}

const askedIn = (words: string): PromptPart[] =>
  chatPrompt([
    { role: 'system', content: 'You are a helpful programming assistant.' },
    { role: 'user', content: words },
  ]);
