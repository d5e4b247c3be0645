/** Which variant of a model suits a machine: each is timed, and the fast ones are held against the exact one. */
import type { Variant, VariantReport } from '../engine';
import { EngineError, isAborted } from '../errors';
import { meanDivergence } from './divergence';

/** What one variant does on this machine. */
export interface VariantMeasurement {
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  /** Logits of each token of the fixed prompt; the same number of rows and columns in every variant. */
  readonly logits: readonly Float32Array[];
}

/** A request that people wait for: so many tokens of the prompt are new, and so many are written. */
const TYPICAL_PROMPT_TOKENS = 160;
const TYPICAL_NEW_TOKENS = 24;

/**
 * Mean KL divergence from the exact variant, in nats, up to which a fast one counts as computing the same. With the
 * slice of the 0.5B model 0.0035 was measured for 8 bits and 0.007 for 7 where the processor's products are exact.
 */
export const MAX_DIVERGENCE = 0.02;

/**
 * Measures and chooses. *fast7* is only tried where *fast* computes wrongly: where it does not, one bit less has no
 * advantage. A variant that cannot be measured is not used; the exact one must be.
 *
 * @param measure times one variant
 * @throws EngineError `aborted`, or whatever the measurement of *exact* throws
 */
export async function chooseVariant(
  measure: (variant: Variant) => Promise<VariantMeasurement>,
): Promise<{ variant: Variant; report: VariantReport }> {
  const exact = await measure('exact');
  const measured: MeasuredVariant[] = [{ variant: 'exact', ...speeds(exact), accepted: true }];
  for (const variant of ['fast', 'fast7'] as const) {
    const entry = await tryVariant(variant, exact, measure);
    measured.push(entry);
    if (entry.accepted) break;
  }
  const usable = measured.filter(({ accepted }) => accepted);
  const best = usable.reduce((a, b) => (typicalSeconds(b) < typicalSeconds(a) ? b : a));
  return { variant: best.variant, report: { reason: reasonFor(best, measured), measured } };
}

type MeasuredVariant = VariantReport['measured'][number];

async function tryVariant(
  variant: Variant,
  exact: VariantMeasurement,
  measure: (variant: Variant) => Promise<VariantMeasurement>,
): Promise<MeasuredVariant> {
  try {
    const found = await measure(variant);
    const klToExact = meanDivergence(exact.logits, found.logits);
    const accepted = klToExact <= MAX_DIVERGENCE;
    return {
      variant,
      ...speeds(found),
      klToExact,
      accepted,
      ...(accepted ? {} : { note: 'computes something else than the exact variant on this processor' }),
    };
  } catch (error) {
    if (isAborted(error)) throw error;
    const { code, message } = EngineError.from(error);
    return {
      variant,
      prefillTokensPerSecond: 0,
      decodeTokensPerSecond: 0,
      accepted: false,
      note: `could not be measured (${code}: ${message})`,
    };
  }
}

const speeds = ({ prefillTokensPerSecond, decodeTokensPerSecond }: VariantMeasurement) => ({
  prefillTokensPerSecond,
  decodeTokensPerSecond,
});

const typicalSeconds = ({ prefillTokensPerSecond, decodeTokensPerSecond }: MeasuredVariant): number =>
  TYPICAL_PROMPT_TOKENS / prefillTokensPerSecond + TYPICAL_NEW_TOKENS / decodeTokensPerSecond;

function reasonFor(best: MeasuredVariant, measured: readonly MeasuredVariant[]): string {
  const exact = measured.find(({ variant }) => variant === 'exact') as MeasuredVariant;
  if (best.variant !== 'exact') {
    const times = typicalSeconds(exact) / typicalSeconds(best);
    return `measured on this machine: a typical request takes ${times.toFixed(1)} times as long with exact`;
  }
  return measured.some(({ variant, accepted }) => variant !== 'exact' && accepted)
    ? 'measured on this machine: no other variant is faster'
    : 'the fast variants do not compute rightly on this machine';
}
