/**
 * An engine that takes the last tokens before the cursor of every fill-in-the-middle prompt for typed just now: the
 * suffix was evaluated before them, and is kept. In this thread, since the product keeps no suffix that is soon evaluated.
 */
import type {
  Engine,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  PromptPart,
} from '../../../../src/inference/engine';
import { TOP_K } from '../../../../src/inference/graph/limits';
import type { Session } from '../../../../src/inference/session/session';
import { collect } from '../../../support/collect';

export class KeptEngine implements Engine {
  readonly capabilities = { specialTokens: true, prefixReuse: true, tokenCounts: false, maxTopK: TOP_K };
  readonly status: EngineStatus = { state: 'stopped' };
  #asked = 0;
  #evaluated = 0;

  /** @param typedTokens at the end of each prefix; 0 evaluates every prompt as it is */
  constructor(
    private readonly session: Session,
    private readonly typedTokens: number,
  ) {}

  /** Tokens of a prompt that were evaluated once these had been typed, in the mean. */
  get evaluatedEach(): number {
    return this.#evaluated / this.#asked;
  }

  onStatus(): () => void {
    return () => undefined;
  }

  start(): Promise<LoadedModel> {
    return Promise.reject(new Error('it is loaded'));
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    const isAborted = (): boolean => signal?.aborted === true;
    const isKept = this.typedTokens > 0;
    if (isKept) {
      const earlier = { prompt: this.#before(request.prompt), maxTokens: 1, keepSuffix: 'renew' } as const;
      await collect(this.session.generate(earlier, isAborted));
    }
    for await (const event of this.session.generate({ ...request, keepSuffix: isKept }, isAborted)) {
      if (event.type === 'prefilled') {
        this.#asked++;
        this.#evaluated += event.stats.promptTokens - event.stats.cachedTokens;
      }
      yield event;
    }
  }

  dispose(): Promise<void> {
    return this.session.release();
  }

  /** The prompt before its last tokens in front of the cursor were typed. */
  #before(prompt: readonly PromptPart[]): PromptPart[] {
    const separator = prompt.findIndex((part) => 'special' in part && part.special === 'fim_suffix');
    return prompt.map((part, index) => {
      if (index !== separator - 1 || !('text' in part)) return part;
      const { tokenizer } = this.session;
      return { text: tokenizer.decode(tokenizer.encode(part.text).slice(0, -this.typedTokens)) };
    });
  }
}
