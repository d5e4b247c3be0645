/**
 * Golden files: what a float32 reference says about fixed prompts (`test/fixtures/golden/`, written by
 * `scripts/fixtures/make_goldens.py`), and the two comparisons that tests make with them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PromptPart } from '../../src/inference/engine';

export const GOLDEN_NAMES = ['tiny-tied', 'tiny-untied', 'coder-0.5b', 'coder-0.5b-held'] as const;
export type GoldenName = (typeof GOLDEN_NAMES)[number];

/** What the reference says after reading the prompt up to and with token `at`. */
export interface GoldenPosition {
  /** Index into the prompt's ids. */
  readonly at: number;
  /** Log-sum-exp of the logits over the whole vocabulary. */
  readonly lse: number;
  /** Log-sum-exp of the logits of all tokens that `ids` does not list. */
  readonly rest: number;
  /** The 20 likeliest tokens, best first. */
  readonly ids: readonly number[];
  /** Their logits, to six significant digits. */
  readonly logits: readonly number[];
}

/** The reference's greedy continuation: 48 tokens, or fewer where a special token ends it. */
export interface GoldenGreedy {
  /** The tokens before the end. */
  readonly ids: readonly number[];
  /** The special token that ended it; null where the length did. */
  readonly end: number | null;
  /** Per step, the one that gave `end` included: best logit minus second best. */
  readonly margins: readonly number[];
  /** Per step: up to four tokens that follow the best within 1 logit, each with its distance; nearest first. */
  readonly near: ReadonlyArray<ReadonlyArray<readonly [token: number, distance: number]>>;
  /** `ids` as text; null where they do not form whole UTF-8 characters. */
  readonly text: string | null;
}

export interface GoldenPrompt {
  readonly name: string;
  /** What `ids` encodes; absent where the ids were made up. */
  readonly parts?: readonly PromptPart[];
  readonly ids: readonly number[];
  readonly greedy: GoldenGreedy;
  /** Ascending in `at`; the prompt's last token is always among them. */
  readonly positions: readonly GoldenPosition[];
}

export interface GoldenFile {
  readonly stats: {
    readonly model: GoldenName;
    /** Of the GGUF file that the reference read, in hexadecimal. */
    readonly sha256: string;
    /** Number of positions over all prompts. */
    readonly positions: number;
    /** Length of a row of logits. */
    readonly vocabulary: number;
    readonly scriptVersion: number;
  };
  readonly prompts: readonly GoldenPrompt[];
}

/** The format that this file reads; `SCRIPT_VERSION` of the script that writes it. */
const SCRIPT_VERSION = 1;
/** `NEAR_LOGITS` of that script. */
const NEAR_LOGITS = 1;

/**
 * Reads a golden file, relative to the working directory of the tests (the checkout's root).
 *
 * @throws Error where the file is missing or of another script version
 */
export function loadGoldens(name: GoldenName): GoldenFile {
  const path = join('test', 'fixtures', 'golden', `${name}.json`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as GoldenFile;
  if (file.stats.scriptVersion !== SCRIPT_VERSION) {
    throw new Error(
      `${path}: script version ${file.stats.scriptVersion}, not ${SCRIPT_VERSION}; write it again with make_goldens.py`,
    );
  }
  return file;
}

/**
 * Kullback-Leibler divergence KL(reference || ours) in nats, over the listed tokens and one bucket with all others:
 *
 *     sum over b of p(b) * (ln p(b) - ln q(b)),   b in ids and "rest"
 *
 * with p = softmax of (`reference.logits`, `reference.rest`) and q = softmax of our row, gathered the same way.
 * Merging tokens can only lower the divergence, so this is a lower bound of the one over the whole vocabulary; it
 * is off by what moves inside the bucket. p is normalised from the stored numbers, so that their rounding (a
 * relative error of about 5e-5) costs its square and not itself. All sums are taken in float64 from the largest
 * logit on, so that nothing overflows; not finite logits of ours give NaN or Infinity, which no bound accepts.
 *
 * @param logits our logits at this position, [vocabulary]
 * @throws RangeError where a listed id lies outside the row
 */
export function klFromTop(reference: GoldenPosition, logits: Float32Array): number {
  const ours = reference.ids.map((id) => {
    const logit = logits[id];
    if (logit === undefined) throw new RangeError(`token ${id} is outside a row of ${logits.length} logits`);
    return logit;
  });
  const others = logits.slice();
  for (const id of reference.ids) others[id] = -Infinity;
  const logP = logSoftmax([...reference.logits, reference.rest]);
  const logQ = logSoftmax([...ours, logSumExp(others)]);
  // Rounding may leave a sum of -1e-17; a divergence is never negative.
  return Math.max(0, sumOfTerms(logP, logQ));
}

function sumOfTerms(logP: readonly number[], logQ: readonly number[]): number {
  let sum = 0;
  for (const [bucket, p] of logP.entries()) {
    // An empty bucket of the reference adds nothing (the limit of p ln p), whatever ours holds there.
    if (p !== -Infinity) sum += Math.exp(p) * (p - (logQ[bucket] ?? NaN));
  }
  return sum;
}

function logSoftmax(logits: readonly number[]): number[] {
  const total = logSumExp(logits);
  return logits.map((logit) => logit - total);
}

/** ln(sum(exp(values))), shifted by the largest value; -Infinity for no values. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (Number.isNaN(value)) return NaN;
    if (value > largest) largest = value;
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += Math.exp((values[index] as number) - largest);
  return largest + Math.log(sum);
}

/** How a greedy continuation compares with the reference's. `at` counts generated tokens from 0. */
export type GreedyComparison =
  | { readonly kind: 'same'; readonly compared: number }
  /** We took a token that lies closer behind the reference's best than the bound. What follows cannot be compared. */
  | { readonly kind: 'tie'; readonly at: number; readonly distance: number }
  | {
      readonly kind: 'different';
      readonly at: number;
      /** The reference's best logit minus its second best. */
      readonly margin: number;
      readonly expected: number;
      /** Undefined where ours ends too early. */
      readonly actual: number | undefined;
    };

/**
 * Finds the first token in which a greedy continuation differs from the reference's.
 *
 * Two computations of the same model differ by rounding, and where the reference's best tokens are closer than that,
 * each of them is right: the comparison stops there with `tie`.
 *
 * @param ours the tokens that we generated, the special token that ended them included; tokens beyond the
 * reference's length are not looked at
 * @param tieMargin the distance in logits, at most 1, below which a token is as good as the reference's best
 * @throws RangeError where `tieMargin` is beyond what the reference recorded
 */
export function compareGreedy(
  reference: GoldenGreedy,
  ours: readonly number[],
  tieMargin: number,
): GreedyComparison {
  if (!(tieMargin <= NEAR_LOGITS)) throw new RangeError(`distances are recorded up to ${NEAR_LOGITS} logit`);
  const expectedIds = reference.end === null ? reference.ids : [...reference.ids, reference.end];
  for (const [at, expected] of expectedIds.entries()) {
    const actual = ours[at];
    if (actual === expected) continue;
    const distance = reference.near[at]?.find(([token]) => token === actual)?.[1];
    if (distance !== undefined && distance < tieMargin) return { kind: 'tie', at, distance };
    return { kind: 'different', at, margin: reference.margins[at] ?? NaN, expected, actual };
  }
  return { kind: 'same', compared: expectedIds.length };
}
