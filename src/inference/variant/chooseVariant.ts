/** Which variant of a model suits a machine: each is timed, and the fast ones are held against the exact one. */
import type { Variant, VariantReport } from '../engine';
import { EngineError, isAborted } from '../errors';
import { meanDivergence } from './divergence';
import type { VariantDecision } from './rememberedVariant';

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
 * Where the middle of a variant's times is this many times its best one, the machine had other work, and the best of
 * some may be no better than the middle of others: such a comparison is not worth remembering.
 */
const UNSETTLED_SPREAD = 1.5;
/** What an unsettled comparison must say against the fast variant, which is faster nearly everywhere. */
const CLEARLY_SLOWER = 1.5;

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
): Promise<VariantDecision> {
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
      const handicap = tried.settled ? 1 : CLEARLY_SLOWER;
      const best = typicalMs(tried.exact) * handicap < typicalMs(tried.fast) ? tried.exact : tried.fast;
      const report = { reason: reasonFor(best, tried.exact, tried.settled), measured };
      return { variant: best.variant, report, settled: tried.settled };
    }
    const { times } = await timesOf([exact]);
    const measured = [measuredVariant('exact', times[0]), ...refused];
    const reason = avoided.length > 0 ? FAST_AVOIDED : ONLY_EXACT;
    return { variant: 'exact', report: { reason, measured }, settled: true };
  } finally {
    await exact.close();
  }
}

type MeasuredVariant = VariantReport['measured'][number];

const ONLY_EXACT = 'the fast variants do not compute rightly on this machine';
const FAST_AVOIDED = 'sessions with a faster variant ended unexpectedly more than once';
const BUSY = 'measured while this machine had other work to do; measured again at the next start';
const AVOIDED_NOTE = 'a session with it ended unexpectedly more than once';

async function tryVariant(
  variant: Variant,
  open: (variant: Variant) => Promise<VariantProbe>,
  exact: VariantProbe,
  expected: readonly Float32Array[],
): Promise<{ exact: MeasuredVariant; fast: MeasuredVariant; settled: boolean }> {
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
        settled: true,
      };
    }
    const { times, spread } = await timesOf([exact, fast]);
    return {
      exact: measuredVariant('exact', times[0]),
      fast: { ...measuredVariant(variant, times[1]), klToExact },
      settled: spread < UNSETTLED_SPREAD,
    };
  } catch (error) {
    if (isAborted(error)) throw error;
    const { code, message } = EngineError.from(error);
    const note = `could not be measured (${code}: ${message})`;
    return { exact: unmeasured, fast: { ...measuredVariant(variant), accepted: false, note }, settled: true };
  } finally {
    await fast?.close();
  }
}

interface Times {
  prefillMs: number;
  decodeMs: number;
}

/** @returns the best times of each, and the largest middle time as a multiple of its best one */
async function timesOf(probes: readonly VariantProbe[]): Promise<{ times: Times[]; spread: number }> {
  const all = probes.map(() => ({ prefillMs: [] as number[], decodeMs: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, probe] of probes.entries()) {
      all[index]?.prefillMs.push(await probe.prefillMs());
      all[index]?.decodeMs.push(await probe.decodeMs());
    }
  }
  const times = all.map(({ prefillMs, decodeMs }) => ({
    prefillMs: Math.min(...prefillMs),
    decodeMs: Math.min(...decodeMs),
  }));
  const spreads = all.flatMap(({ prefillMs, decodeMs }) => [prefillMs, decodeMs].map(spreadOf));
  return { times, spread: Math.max(...spreads) };
}

function spreadOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[sorted.length >> 1] as number) / (sorted[0] as number);
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

function reasonFor(best: MeasuredVariant, exact: MeasuredVariant, settled: boolean): string {
  if (!settled) return BUSY;
  if (best.variant === 'exact') return 'measured on this machine: no other variant is faster';
  const times = typicalMs(exact) / typicalMs(best);
  return `measured on this machine: a typical request takes ${times.toFixed(1)} times as long with exact`;
}
