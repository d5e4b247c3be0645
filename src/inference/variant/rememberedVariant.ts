/** The choice of a variant, made once for each machine, model and version of the engine. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import { VARIANTS, type Variant, type VariantReport } from '../engine';
import { GRAPH_VERSION } from '../graph/qwen2Graph';
import { NATIVE_VERSION } from '../nativeVersion';
import { writeFileAtomically } from '../store/atomicFile';

export interface VariantDecision {
  readonly variant: Variant;
  readonly report: VariantReport;
  /** False where the measurement was disturbed, so that it is to be made again at the next start. */
  readonly settled: boolean;
}

/** What a choice depends on, apart from the versions of graph and library. */
export interface VariantKey {
  readonly weightsSha256: string;
  readonly threads: number;
  /** As the system names it. */
  readonly processor: string;
  /** Variants that were left out. */
  readonly avoided?: readonly Variant[];
}

/** The processor of this machine. */
export const processorName = (): string => [platform(), arch(), cpus()[0]?.model ?? 'unknown'].join(' ');

/**
 * The remembered choice, or else a new one, which is then remembered if it is settled.
 * @param cacheDir where; a choice that cannot be written is made again next time
 * @throws whatever `choose` throws
 */
export async function rememberedVariant(
  cacheDir: string,
  key: VariantKey,
  choose: () => Promise<VariantDecision>,
): Promise<VariantDecision> {
  const { processor, threads, weightsSha256, avoided = [] } = key;
  const without = avoided.map((variant) => `without ${variant}`);
  const whole = [processor, threads, weightsSha256, GRAPH_VERSION, NATIVE_VERSION, ...without].join(' | ');
  const file = join(
    cacheDir,
    `variant-${createHash('sha256').update(whole).digest('hex').slice(0, 16)}.json`,
  );
  const known = await recall(file, whole);
  if (known !== undefined) return known;
  const decision = await choose();
  if (!decision.settled) return decision;
  await mkdir(cacheDir, { recursive: true })
    .then(() => writeFileAtomically(file, JSON.stringify({ key: whole, ...decision }, undefined, 2)))
    .catch(() => undefined);
  return decision;
}

/** A memory that cannot be read costs a new measurement, never an error. */
async function recall(file: string, key: string): Promise<VariantDecision | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<VariantDecision & { key: string }>;
    const { variant, report } = value;
    const sound =
      value.key === key &&
      VARIANTS.some((name) => name === variant) &&
      typeof report?.reason === 'string' &&
      Array.isArray(report.measured);
    return sound ? { variant: variant as Variant, report, settled: true } : undefined;
  } catch {
    return undefined;
  }
}
