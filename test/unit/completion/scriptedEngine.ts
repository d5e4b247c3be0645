/** An engine that writes what a test tells it to, one token at a time, at the test's pace. */
import type {
  Engine,
  EngineStatus,
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  GenerateStats,
  LoadedModel,
} from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';

const MODEL: LoadedModel = {
  name: 'scripted',
  architecture: 'qwen2',
  variant: 'exact',
  contextTokens: 4096,
  threads: 1,
  loadMs: 0,
  convertMs: 0,
};

/** One call of `generate`; the test moves it on, the completer may end it. */
export class ScriptedRun {
  readonly #events: (GenerateEvent | EngineError)[] = [];
  #wake: (() => void) | undefined;
  #tokens = 0;
  #logProbability = 0;
  /** The signal was aborted, or the loop over the events was left early. */
  stopped = false;
  over = false;

  constructor(
    readonly request: GenerateRequest,
    readonly signal: AbortSignal | undefined,
  ) {}

  /** The prompt's texts, with special tokens in angle brackets. */
  get prompt(): string {
    return this.request.prompt.map((part) => ('text' in part ? part.text : `<${part.special}>`)).join('');
  }

  async prefilled(): Promise<void> {
    await this.#push({ type: 'prefilled', stats: this.#stats() });
  }

  async text(...pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) await this.token(piece, 1);
  }

  /** One token, as likely as told. */
  async token(text: string, probability: number): Promise<void> {
    this.#tokens += 1;
    this.#logProbability += Math.log(probability);
    const [tokens, logProbability] = [this.#tokens, this.#logProbability];
    await this.#push({ type: 'text', text, tokens, logProbability });
  }

  /** @param at UTF-16 units of the text so far */
  async endScore(at: number, logProbability: number): Promise<void> {
    await this.#push({ type: 'end-score', at, logProbability });
  }

  /** @param probability of the stop token */
  async done(reason: FinishReason = 'stop-token', probability?: number): Promise<void> {
    const all = probability === undefined ? undefined : this.#logProbability + Math.log(probability);
    const said = all === undefined ? {} : { logProbability: all };
    await this.#push({ type: 'done', reason, stats: this.#stats(), ...said });
  }

  async fail(error: EngineError): Promise<void> {
    await this.#push(error);
  }

  async *events(): AsyncGenerator<GenerateEvent> {
    const wake = (): void => this.#wake?.();
    this.signal?.addEventListener('abort', wake);
    try {
      for (;;) {
        if (this.signal?.aborted === true) throw new EngineError('aborted', 'withdrawn');
        const event = this.#events.shift();
        if (event instanceof EngineError) throw event;
        if (event !== undefined) {
          if (event.type === 'done') this.over = true;
          yield event;
          if (event.type === 'done') return;
          continue;
        }
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.signal?.removeEventListener('abort', wake);
      this.stopped = !this.over;
      this.over = true;
    }
  }

  #stats(): GenerateStats {
    return {
      promptTokens: 100,
      cachedTokens: 60,
      generatedTokens: this.#tokens,
      queueMs: 1,
      prefillMs: 20,
      decodeMs: 0,
    };
  }

  async #push(event: GenerateEvent | EngineError): Promise<void> {
    this.#events.push(event);
    this.#wake?.();
    await settle();
  }
}

export class ScriptedEngine implements Engine {
  readonly capabilities = { specialTokens: true, prefixReuse: true, tokenCounts: false, maxTopK: 1 };
  status: EngineStatus = { state: 'ready', model: MODEL };
  readonly runs: ScriptedRun[] = [];
  /** More than one request at a time was seen. */
  overlapped = false;
  #answer: ((run: ScriptedRun) => Promise<void>) | undefined;

  /** Plays every run by itself instead of waiting for the test to do so. */
  answerWith(answer: (run: ScriptedRun) => Promise<void>): void {
    this.#answer = answer;
  }

  get last(): ScriptedRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('the engine was not asked');
    return run;
  }

  onStatus(): () => void {
    return () => undefined;
  }

  start(): Promise<LoadedModel> {
    return Promise.resolve(MODEL);
  }

  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent> {
    if (this.runs.some((run) => !run.over)) this.overlapped = true;
    const run = new ScriptedRun(request, signal);
    this.runs.push(run);
    void this.#answer?.(run);
    return run.events();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
