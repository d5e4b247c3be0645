/** Choosing the next token from the K largest logits that leave the graph. */
import { EngineError } from '../errors';
import type { SamplingOptions } from '../engine';
import { seededRandom } from '../random';

/** Candidates of one position: logits f32[K], falling, and their ids i64[K]. */
export interface Candidates {
  readonly logits: Float32Array;
  readonly ids: BigInt64Array;
}

/** Some of the candidates, in their order. */
export function only({ logits, ids }: Candidates, isKept: (id: number) => boolean): Candidates {
  const kept = [...ids.keys()].filter((index) => isKept(Number(ids[index])));
  return {
    logits: Float32Array.from(kept, (index) => logits[index] as number),
    ids: BigInt64Array.from(kept, (index) => ids[index] as bigint),
  };
}

/** Candidates less some; all of them where nothing would be left. */
export function without(all: Candidates, isLeftOut: (id: number) => boolean): Candidates {
  const kept = only(all, (id) => !isLeftOut(id));
  return kept.ids.length === 0 ? all : kept;
}

export type Sampler = (candidates: Candidates) => number;

/** The token with the largest logit; the first of equals, as the graph sorts them. */
export const greedySampler: Sampler = ({ ids }) => Number(ids[0]);

/**
 * Samples by temperature, top-k and top-p, in this order: the k largest logits, divided by the temperature, as
 * probabilities; of those the smallest set that reaches p (Holtzman et al., "The Curious Case of Neural Text
 * Degeneration", 2020); one of them by its share.
 *
 * @param maxTopK candidates that the graph returns
 * @throws EngineError `invalid-request` for options out of range
 */
export function createSampler(options: SamplingOptions | undefined, maxTopK: number): Sampler {
  if (options === undefined) return greedySampler;
  const { temperature, topK, topP } = options;
  if (!(temperature > 0 && Number.isFinite(temperature))) throw invalid('temperature', temperature, '> 0');
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= maxTopK))
    throw invalid('topK', topK, `1 to ${maxTopK}`);
  if (!(topP > 0 && topP <= 1)) throw invalid('topP', topP, '> 0 and at most 1');
  const random = seededRandom(options.seed ?? (Math.random() * 2 ** 32) | 0);
  return ({ logits, ids }) => {
    const largest = logits[0] as number;
    const weights = Array.from(logits.subarray(0, topK), (logit) =>
      Math.exp((logit - largest) / temperature),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let kept = 0;
    let mass = 0;
    while (kept < weights.length && mass < topP * total) mass += weights[kept++] as number;
    let point = random() * mass;
    let index = 0;
    while (index < kept - 1 && (point -= weights[index] as number) >= 0) index++;
    return Number(ids[index]);
  };
}

const invalid = (name: string, value: number, range: string): EngineError =>
  new EngineError('invalid-request', `${name} must be ${range}, not ${value}.`);
