/** What recent requests have cost in the engine, and how fast that makes it. */
import type { Engine, GenerateEvent, GenerateStats } from '../inference/engine';

/** Enough to be representative, few enough to speak of now. */
const KEPT = 20;
/** Fewer tokens than these take about as long as one, so that their speed says nothing. */
const MIN_PREFILL_TOKENS = 64;
const MIN_DECODE_TOKENS = 4;

/** One request that the engine has worked on, to its end or until nobody wanted it any more. Times in milliseconds. */
export interface RequestCost {
  readonly promptTokens: number;
  /** Prompt tokens that were still in the KV cache. */
  readonly cachedTokens: number;
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly generatedTokens: number;
  /** From the evaluated prompt to the last text. */
  readonly decodeMs: number;
  /** Tokens that a draft had right, of those generated. */
  readonly acceptedTokens: number;
  /** Of a chat or a command, which repeats what was there more than a completion does. */
  readonly background: boolean;
  /** Asked for no text: the prompt was evaluated for a request that might follow. */
  readonly early: boolean;
}

/** Tokens per second; absent where nothing long enough was asked for. */
export interface Speed {
  readonly prefill?: number;
  readonly decode?: number;
}

/** The last requests to one model. */
export class RequestSpeeds {
  #costs: readonly RequestCost[] = [];

  /** Newest last, without what was only evaluated. */
  get recent(): readonly RequestCost[] {
    return this.#costs.filter(({ early }) => !early).slice(-KEPT);
  }

  add(cost: RequestCost): void {
    // There is at most one evaluated early for each of the others, and now and then one more.
    this.#costs = [...this.#costs, cost].slice(-3 * KEPT);
  }

  /** Another model, or another variant of it: what was measured no longer says anything. */
  clear(): void {
    this.#costs = [];
  }

  /** What a completion may count on. */
  speed(): Speed {
    const counted = this.#costs.filter(({ background }) => !background);
    const prefilled = counted.filter((cost) => evaluatedTokens(cost) >= MIN_PREFILL_TOKENS);
    const decoded = counted.filter(({ generatedTokens }) => generatedTokens >= MIN_DECODE_TOKENS);
    return {
      ...rate('prefill', sum(prefilled, evaluatedTokens), sum(prefilled, prefillMs)),
      ...rate('decode', sum(decoded, decodedTokens), sum(decoded, decodeMs)),
    };
  }

  /** Part of all new tokens that drafts had right, 0 to 1; undefined before the first request. */
  draftedPart(): number | undefined {
    const generated = sum(this.#costs, ({ generatedTokens }) => generatedTokens);
    return generated === 0 ? undefined : sum(this.#costs, ({ acceptedTokens }) => acceptedTokens) / generated;
  }

  /**
   * Part of all prompt tokens that did not have to be evaluated, 0 to 1, not early either; undefined before the first
   * request.
   */
  cachedPart(): number | undefined {
    const prompt = sum(this.#costs, ({ promptTokens, early }) => (early ? 0 : promptTokens));
    return prompt === 0 ? undefined : Math.max(0, 1 - sum(this.#costs, evaluatedTokens) / prompt);
  }
}

/** Tokens of the prompt that had to be evaluated. */
export const evaluatedTokens = ({ promptTokens, cachedTokens }: RequestCost): number =>
  promptTokens - cachedTokens;

/** The first token comes out of the prompt's evaluation. The others take a run each, or share one where they were drafted. */
export const decodedTokens = ({ generatedTokens }: RequestCost): number => Math.max(0, generatedTokens - 1);

/**
 * The same engine, telling what each request has cost. Most are given up by completion once they have said enough,
 * so that their last word is a piece of text and not the engine's own account.
 *
 * @param now milliseconds
 */
export function observeRequests(
  engine: Engine,
  onCost: (cost: RequestCost) => void,
  now: () => number,
): Engine {
  // Everything but `generate` is passed on, whatever an engine can do beyond it.
  return new Proxy(engine, {
    get: (target, name) => {
      if (name === 'generate') {
        return (...request: Parameters<Engine['generate']>) => {
          const events = target.generate(...request);
          return request[0].priority === 'background'
            ? observedToItsEnd(events, onCost)
            : observed(events, onCost, now, request[0].maxTokens === 0);
        };
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

async function* observed(
  events: AsyncIterable<GenerateEvent>,
  onCost: (cost: RequestCost) => void,
  now: () => number,
  early: boolean,
): AsyncGenerator<GenerateEvent> {
  let stats: GenerateStats | undefined;
  let prefilledAt = 0;
  let decodeMs = 0;
  let [generatedTokens, acceptedTokens] = [0, 0];
  try {
    for await (const event of events) {
      if (event.type === 'prefilled') {
        stats = event.stats;
        prefilledAt = now();
      } else if (event.type === 'text') {
        generatedTokens = event.tokens;
        acceptedTokens = event.accepted ?? 0;
        decodeMs = now() - prefilledAt;
      }
      yield event;
    }
  } finally {
    if (stats !== undefined) {
      const { promptTokens, cachedTokens, queueMs, prefillMs } = stats;
      onCost({
        ...{ promptTokens, cachedTokens, queueMs, prefillMs, generatedTokens, decodeMs, acceptedTokens },
        background: false,
        early,
      });
    }
  }
}

/** A background generation waits for others in between: only the engine's own account leaves that out. */
async function* observedToItsEnd(
  events: AsyncIterable<GenerateEvent>,
  onCost: (cost: RequestCost) => void,
): AsyncGenerator<GenerateEvent> {
  for await (const event of events) {
    if (event.type === 'done') {
      const { acceptedTokens = 0 } = event.stats;
      onCost({ ...event.stats, acceptedTokens, background: true, early: false });
    }
    yield event;
  }
}

const prefillMs = (cost: RequestCost): number => cost.prefillMs;
const decodeMs = (cost: RequestCost): number => cost.decodeMs;

const sum = (costs: readonly RequestCost[], of: (cost: RequestCost) => number): number =>
  costs.reduce((total, cost) => total + of(cost), 0);

const rate = (name: keyof Speed, tokens: number, ms: number): Speed =>
  tokens > 0 && ms > 0 ? { [name]: (1000 * tokens) / ms } : {};
