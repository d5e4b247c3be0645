/** How near a run comes to what the machine can do at best. */
import { startChild } from '../childProcess';
import type { EngineNumbers } from '../compareEngines';
import type { ProductOptions } from '../measureProduct';
import { percentile } from '../statistics';

export interface FloorNumbers {
  readonly prefill: readonly {
    readonly tokens: number;
    /** Of the bare products and of the whole prefill, in milliseconds. */
    readonly productsMs: number;
    readonly ms: number;
  }[];
  /** Of reading the bytes of all matrices once and of a decode step, in milliseconds. */
  readonly decode: { readonly readingMs: number; readonly ms: number };
}

/** @param ours as measured beside llama.cpp, in the same run but another process */
export async function measureFloors(
  { engines, log }: ProductOptions,
  ours: Pick<EngineNumbers, 'prefill' | 'decodeMs'>,
): Promise<FloorNumbers> {
  const child = startChild('floors', engines);
  await child.load();
  const prefill: FloorNumbers['prefill'][number][] = [];
  for (const { tokens, ms } of ours.prefill) {
    prefill.push({ tokens, productsMs: await child.products(tokens), ms: percentile(ms, 50) });
  }
  const decode = { readingMs: await child.reading(), ms: percentile(ours.decodeMs, 50) };
  await child.close();
  log(
    `bare products: ${prefill.map(({ tokens, productsMs }) => `${tokens}: ${productsMs.toFixed(0)} ms`).join('; ')}`,
  );
  return { prefill, decode };
}
