/** Which variant of a model suits a machine: each is timed, and the fast ones are held against the exact one. */
import type { Variant, VariantReport } from '../engine';
import { EngineError, isAborted } from '../errors';
import { meanDivergence } from './divergence';

/** A variant of a model that is ready to be timed on this machine. */
export interface VariantProbe {
  /** Logits of each token of a fixed prompt; the same number of rows and columns in every variant. */
  logits(): Promise<readonly Float32Array[]>;
  /** Milliseconds that a token of a prompt takes, once. */
  prefillMs(): Promise<number>;
  /** Milliseconds that a new token takes, once. */
  decodeMs(): Promise<number>;
  close(): Promise<void>;
}

/** A request that people wait for: so many tokens of the prompt are new, and so many are written. */
const TYPICAL_PROMPT_TOKENS = 160;
const TYPICAL_NEW_TOKENS = 24;

/**
 * The variants take turns, so that what else the machine does meets all of them, and of each the fastest time counts,
 * since other programs only ever make a run slower.
 */
const ROUNDS = 6;

/**
 * Mean KL divergence from the exact variant, in nats, up to which a fast one counts as computing the same. With the
 * slice of the 0.5B model 0.0035 was measured for 8 bits and 0.007 for 7 where the processor's products are exact.
 */
const MAX_DIVERGENCE = 0.02;

/**
 * Measures and chooses. *fast7* is only tried where *fast* computes wrongly: where it does not, one bit less has no
 * advantage. A variant that cannot be measured is not used; the exact one must be.
 *
 * @param open makes a variant ready; every probe is closed again
 * @param avoided variants that are left out without being tried: trying is what may end the process
 * @throws EngineError `aborted`, or whatever the measurement of *exact* throws
 */
export async function chooseVariant(
  open: (variant: Variant) => Promise<VariantProbe>,
  avoided: readonly Variant[] = [],
): Promise<{ variant: Variant; report: VariantReport }> {
  const exact = await open('exact');
  try {
    const expected = await exact.logits();
    const refused: MeasuredVariant[] = [];
    for (const variant of ['fast', 'fast7'] as const) {
      if (avoided.includes(variant)) {
        refused.push({ ...measuredVariant(variant), accepted: false, note: AVOIDED_NOTE });
        continue;
      }
      const tried = await tryVariant(variant, open, exact, expected);
      if (!tried.fast.accepted) {
        refused.push(tried.fast);
        continue;
      }
      const measured = [tried.exact, ...refused, tried.fast];
      const best = typicalMs(tried.exact) < typicalMs(tried.fast) ? tried.exact : tried.fast;
      return { variant: best.variant, report: { reason: reasonFor(best, tried.exact), measured } };
    }
    const [times] = await timesOf([exact]);
    const measured = [measuredVariant('exact', times), ...refused];
    const reason = avoided.length > 0 ? FAST_AVOIDED : ONLY_EXACT;
    return { variant: 'exact', report: { reason, measured } };
  } finally {
    await exact.close();
  }
}

type MeasuredVariant = VariantReport['measured'][number];

const ONLY_EXACT = 'the fast variants do not compute rightly on this machine';
const FAST_AVOIDED = 'sessions with a faster variant ended unexpectedly more than once';
const AVOIDED_NOTE = 'a session with it ended unexpectedly more than once';

async function tryVariant(
  variant: Variant,
  open: (variant: Variant) => Promise<VariantProbe>,
  exact: VariantProbe,
  expected: readonly Float32Array[],
): Promise<{ exact: MeasuredVariant; fast: MeasuredVariant }> {
  const unmeasured = measuredVariant('exact');
  let fast: VariantProbe | undefined;
  try {
    fast = await open(variant);
    const klToExact = meanDivergence(expected, await fast.logits());
    if (!(klToExact <= MAX_DIVERGENCE)) {
      const note = 'computes something else than the exact variant on this processor';
      return {
        exact: unmeasured,
        fast: { ...measuredVariant(variant), klToExact, accepted: false, note },
      };
    }
    const [exactTimes, fastTimes] = await timesOf([exact, fast]);
    return {
      exact: measuredVariant('exact', exactTimes),
      fast: { ...measuredVariant(variant, fastTimes), klToExact },
    };
  } catch (error) {
    if (isAborted(error)) throw error;
    const { code, message } = EngineError.from(error);
    const note = `could not be measured (${code}: ${message})`;
    return { exact: unmeasured, fast: { ...measuredVariant(variant), accepted: false, note } };
  } finally {
    await fast?.close();
  }
}

interface Times {
  prefillMs: number;
  decodeMs: number;
}

async function timesOf(probes: readonly VariantProbe[]): Promise<Times[]> {
  const times = probes.map((): Times => ({ prefillMs: Infinity, decodeMs: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, probe] of probes.entries()) {
      const best = times[index] as Times;
      best.prefillMs = Math.min(best.prefillMs, await probe.prefillMs());
      best.decodeMs = Math.min(best.decodeMs, await probe.decodeMs());
    }
  }
  return times;
}

/** Speeds are 0 where nothing was timed. */
function measuredVariant(variant: Variant, times?: Times): MeasuredVariant {
  return {
    variant,
    prefillTokensPerSecond: 1000 / (times?.prefillMs ?? Infinity),
    decodeTokensPerSecond: 1000 / (times?.decodeMs ?? Infinity),
    accepted: true,
  };
}

const typicalMs = ({ prefillTokensPerSecond, decodeTokensPerSecond }: MeasuredVariant): number =>
  (1000 * TYPICAL_PROMPT_TOKENS) / prefillTokensPerSecond +
  (1000 * TYPICAL_NEW_TOKENS) / decodeTokensPerSecond;

function reasonFor(best: MeasuredVariant, exact: MeasuredVariant): string {
  if (best.variant === 'exact') return 'measured on this machine: no other variant is faster';
  const times = typicalMs(exact) / typicalMs(best);
  return `measured on this machine: a typical request takes ${times.toFixed(1)} times as long with exact`;
}
