/** Counts what an engine evaluates, and keeps a replay's clock real while it works. */
import type {
  Engine,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
} from '../../../../src/inference/engine';
import type { AssistantCost } from './assistant';
import type { ReplayClock } from './replayClock';

export class MeteredEngine implements Engine {
  #requests = 0;
  #evaluated = 0;
  #generated = 0;
  /** Of the prefills that came to their end. */
  #prefilled = { tokens: 0, ms: 0 };
  #release: (() => void) | undefined;
  #idle: () => void = () => undefined;

  constructor(
    private readonly engine: Engine,
    private readonly clock: ReplayClock,
    private readonly onAnswered?: (request: GenerateRequest, generated: number) => void,
  ) {
    engine.onStatus(({ state }) => {
      if (state === 'working') {
        this.#release ??= clock.hold();
      } else {
        this.#release?.();
        this.#release = undefined;
        this.#idle();
      }
    });
  }

  get capabilities(): Engine['capabilities'] {
    return this.engine.capabilities;
  }

  get status(): EngineStatus {
    return this.engine.status;
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    return this.engine.onStatus(listener);
  }

  start(): Promise<LoadedModel> {
    return this.engine.start();
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    const release = this.clock.hold();
    const from = performance.now();
    let prefilled = false;
    let generated = 0;
    this.#requests++;
    try {
      for await (const event of this.engine.generate(request, signal)) {
        if (event.type === 'prefilled') {
          prefilled = true;
          const tokens = event.stats.promptTokens - event.stats.cachedTokens;
          this.#evaluated += tokens;
          this.#prefilled = {
            tokens: this.#prefilled.tokens + tokens,
            ms: this.#prefilled.ms + event.stats.prefillMs,
          };
        }
        if (event.type === 'text') generated = event.tokens;
        yield event;
      }
    } finally {
      this.#generated += generated;
      if (prefilled && request.maxTokens > 0) this.onAnswered?.(request, generated);
      // A withdrawn request says nothing of what it had evaluated; its time does, by the speed of the others.
      if (!prefilled) this.#evaluated += this.#tokensIn(performance.now() - from);
      release();
    }
  }

  countTokens(text: string): Promise<number> {
    if (this.engine.countTokens === undefined) throw new Error('the engine counts no tokens');
    return this.engine.countTokens(text);
  }

  cost(): AssistantCost {
    return {
      requests: this.#requests,
      evaluatedTokens: Math.round(this.#evaluated),
      generatedTokens: this.#generated,
    };
  }

  /** Resolves when the engine works on nothing, withdrawn requests included. */
  async idle(): Promise<void> {
    while (this.engine.status.state === 'working') {
      await new Promise<void>((resolve) => (this.#idle = resolve));
    }
  }

  dispose(): Promise<void> {
    return this.engine.dispose();
  }

  #tokensIn(ms: number): number {
    const { tokens, ms: all } = this.#prefilled;
    return all === 0 ? 0 : (tokens / all) * ms;
  }
}
