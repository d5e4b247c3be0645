/** Requests as a day of typing makes them, in no order: most are withdrawn, some are wrong. */
import { fimPrompt } from '../../src/completion/fimPrompt';
import type { Engine, GenerateRequest, PromptPart } from '../../src/inference/engine';
import { EngineError } from '../../src/inference/errors';
import { Chance } from '../support/chance';

/** Tokens of the context that the engine must have been given. */
export const CONTEXT_TOKENS = 512;

const LINES = [
  'def total(values):',
  '    return sum(values)',
  'for (const item of items) {',
  '  if (item === undefined) continue;',
  'import { readFile } from "node:fs/promises";',
  '    self.items.append(item)',
  '# Grüße, 世界 👋',
  'fn main() -> Result<(), Error> {',
  '\tfmt.Println(err)',
  '',
  '}',
] as const;

/** Files that are open; each keeps growing and begins anew when it is long. */
const FILES = 5;
const LINES_PER_FILE = 16;
/** What stands behind the cursor, where anything does. */
const SUFFIX = '\n    return values\n';
/** A withdrawal comes after at most so many milliseconds. */
const MAX_PATIENCE_MS = 30;
const MAX_AT_ONCE = 3;

export interface MixedRequestsOptions {
  readonly requests: number;
  readonly seed: number;
  /** Called when nothing is under way, after at most so many requests; awaited. */
  readonly sampleEvery: number;
  readonly onSample: (done: number) => Promise<void>;
}

/**
 * Sends the requests and follows each to its end.
 * @returns how often each end came, by its reason or the code of its error
 */
export async function mixedRequests(
  engine: Engine,
  { requests, seed, sampleEvery, onSample }: MixedRequestsOptions,
): Promise<Readonly<Record<string, number>>> {
  const chance = new Chance(seed);
  const files = Array.from({ length: FILES }, (_, number) => new OpenFile(chance, number));
  const ends: Record<string, number> = {};
  let sampled = 0;
  for (let done = 0; done < requests;) {
    const atOnce = Math.min(1 + chance.below(MAX_AT_ONCE), requests - done);
    const under = Array.from({ length: atOnce }, () => oneRequest(engine, chance, chance.of(files)));
    for (const end of await Promise.all(under)) ends[end] = (ends[end] ?? 0) + 1;
    done += atOnce;
    if (done - sampled >= sampleEvery || done === requests) {
      sampled = done;
      await onSample(done);
    }
  }
  return ends;
}

/** A text that is typed on. */
class OpenFile {
  /** What stays at the top, as in a file; without it each prompt would have a place of its own in the cache. */
  readonly #head: string;
  #lines: string[] = [];

  constructor(
    private readonly chance: Chance,
    number: number,
  ) {
    this.#head = `# ${String(number).repeat(24)} of ${FILES}`;
  }

  /** What a request finds: a line more than the last one did, or a part of it. */
  prompt(): readonly PromptPart[] {
    if (this.#lines.length >= LINES_PER_FILE) this.#lines = this.#lines.slice(0, this.chance.below(4));
    this.#lines.push(this.chance.of(LINES) ?? '');
    const text = [this.#head, ...this.#lines].join('\n');
    const typed = text.slice(0, text.length - this.chance.below(8));
    const suffix = this.chance.oneIn(2) ? SUFFIX : '';
    return fimPrompt(typed, suffix);
  }
}

async function oneRequest(engine: Engine, chance: Chance, file: OpenFile | undefined): Promise<string> {
  const prompt = file?.prompt() ?? [];
  if (chance.oneIn(12)) return countTokens(engine, prompt);
  const request = chance.oneIn(15) ? wrongRequest(chance, prompt) : rightRequest(chance, prompt);
  const controller = new AbortController();
  const withdrawal = chance.below(4);
  const patience = chance.below(MAX_PATIENCE_MS);
  const events = 1 + chance.below(6);
  if (withdrawal === 0) controller.abort();
  const timer = withdrawal === 1 ? setTimeout(() => controller.abort(), patience) : undefined;
  try {
    let seen = 0;
    for await (const event of engine.generate(request, controller.signal)) {
      if (event.type === 'done') return event.reason;
      if (withdrawal === 2 && ++seen === events) return 'left';
    }
    throw new Error('a generation ended without its last event');
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function countTokens(engine: Engine, prompt: readonly PromptPart[]): Promise<string> {
  const text = prompt.map((part) => ('text' in part ? part.text : '')).join('');
  const count = (await engine.countTokens?.(text)) ?? 0;
  if (count < 1) throw new Error(`${count} tokens in ${text.length} characters`);
  return 'counted';
}

function rightRequest(chance: Chance, prompt: readonly PromptPart[]): GenerateRequest {
  const early = chance.oneIn(6);
  return {
    prompt,
    // Prompts that are evaluated early, and what is written ahead: they give way to the others.
    maxTokens: early && chance.oneIn(2) ? 0 : 1 + chance.below(12),
    ...(early && { speculative: true }),
    ...(!early && chance.oneIn(4) && { priority: 'background' as const }),
    ...(chance.oneIn(2) && { keepSuffix: chance.oneIn(4) ? ('renew' as const) : true }),
    ...(chance.oneIn(3) && { endScoring: { suffix: SUFFIX, tokens: 5 } }),
    ...(chance.oneIn(8) && { firstChoice: chance.below(3) }),
    ...(chance.oneIn(4) && {
      sampling: { temperature: 0.8, topK: 20, topP: 0.95, seed: chance.below(2 ** 31) },
    }),
    ...(chance.oneIn(3) && { stopStrings: ['\n', 'return'] }),
    ...(chance.oneIn(3) && { stopTokens: [] }),
  };
}

function wrongRequest(chance: Chance, prompt: readonly PromptPart[]): GenerateRequest {
  switch (chance.below(3)) {
    case 0:
      return { prompt: [], maxTokens: 4 };
    case 1:
      return { prompt, maxTokens: -1 };
    default:
      return { prompt: [{ text: 'x = 1\n'.repeat(CONTEXT_TOKENS) }], maxTokens: 4 };
  }
}
