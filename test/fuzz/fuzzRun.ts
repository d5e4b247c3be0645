import { Chance } from '../support/chance';
import { checkCase, MEMORY_FACTOR, Violation, type ReadFile } from './checkCase';
import { generatedFile } from './generate';
import { mutatedFile } from './mutate';
import { loadSeeds, type Seed } from './seeds';

export interface FuzzOptions {
  readonly seed: number;
  /** Number of the first case. */
  readonly from: number;
  /** Number behind the last case. */
  readonly to: number;
  readonly read?: ReadFile;
  /** Called before each case. */
  readonly onCase?: (index: number) => void;
  /** Called at once; the report has them too. */
  readonly onViolation?: (index: number, what: string) => void;
}

export interface FuzzReport {
  readonly cases: number;
  /** How often each outcome came. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How often each check refused, by its message without numbers and names. */
  readonly checks: Readonly<Record<string, number>>;
  /** The first of them, by number of the case. */
  readonly violations: readonly { readonly index: number; readonly what: string }[];
  /** Cases whose allocations could be told. */
  readonly measured: number;
  /** The most that one case took beyond its tenfold input, in bytes; may be below 0. */
  readonly mostBeyondFactor: number;
  readonly mostRequested: number;
}

const MAX_VIOLATIONS = 10;
/** One of so many files is generated, the others are damaged. */
const GENERATED = 3;

/** The file of one case; the same for the same seed and number. */
export function fuzzFile(seeds: readonly [Seed, ...Seed[]], seed: number, index: number): Buffer {
  const chance = Chance.ofCase(seed, index);
  return index % GENERATED === 0 ? generatedFile(chance) : mutatedFile(seeds, chance);
}

/** Runs the cases one after the other. */
export async function fuzzRun({
  seed,
  from,
  to,
  read,
  onCase,
  onViolation,
}: FuzzOptions): Promise<FuzzReport> {
  const seeds = loadSeeds();
  const outcomes: Record<string, number> = {};
  const checks: Record<string, number> = {};
  const violations: { index: number; what: string }[] = [];
  let measured = 0;
  let mostBeyondFactor = -Infinity;
  let mostRequested = 0;
  for (let index = from; index < to && violations.length < MAX_VIOLATIONS; index++) {
    onCase?.(index);
    const file = fuzzFile(seeds, seed, index);
    try {
      const { outcome, check, requestedBytes, allocatedBytes } = await checkCase(file, read);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      checks[check] = (checks[check] ?? 0) + 1;
      mostRequested = Math.max(mostRequested, requestedBytes);
      if (allocatedBytes !== undefined) {
        measured++;
        mostBeyondFactor = Math.max(mostBeyondFactor, allocatedBytes - MEMORY_FACTOR * file.length);
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violations.push({ index, what: error.message });
      onViolation?.(index, error.message);
    }
  }
  const cases = Object.values(outcomes).reduce((sum, count) => sum + count, violations.length);
  return { cases, outcomes, checks, violations, measured, mostBeyondFactor, mostRequested };
}
