/** Holding an opened graph against the golden references. */
import { klFromTop, loadGoldens, type GoldenName } from './goldens';
import type { OpenedGraph } from './tinyModel';

export interface Agreement {
  /** Mean KL(reference || ours) in nats over the positions. */
  readonly meanKl: number;
  /** Share of the positions where the likeliest token is the reference's, 0 to 1. */
  readonly top1: number;
  readonly positions: number;
}

/** Agreement over all positions of a golden file, and on each of its prompts in their order. */
export async function agreement(
  opened: OpenedGraph,
  name: GoldenName,
): Promise<Agreement & { readonly prompts: ReadonlyArray<Agreement & { readonly name: string }> }> {
  const session = opened.session({ contextTokens: 2048 });
  const prompts: Array<Agreement & { name: string }> = [];
  for (const prompt of loadGoldens(name).prompts) {
    const rows = await session.evaluate(prompt.ids);
    let sum = 0;
    let same = 0;
    for (const position of prompt.positions) {
      const row = rows[position.at] as Float32Array;
      sum += klFromTop(position, row);
      same += argmax(row) === position.ids[0] ? 1 : 0;
    }
    const positions = prompt.positions.length;
    prompts.push({ name: prompt.name, meanKl: sum / positions, top1: same / positions, positions });
  }
  return { ...pooled(prompts), prompts };
}

/** Several agreements as one: each counts by its positions. */
export function pooled(parts: readonly Agreement[]): Agreement {
  const positions = parts.reduce((sum, part) => sum + part.positions, 0);
  const mean = (value: (part: Agreement) => number): number =>
    parts.reduce((sum, part) => sum + part.positions * value(part), 0) / positions;
  return { meanKl: mean(({ meanKl }) => meanKl), top1: mean(({ top1 }) => top1), positions };
}

/** For a test's output: `mean KL 0.00041, same first token 98.9 %, 1346 positions`. */
export function describeAgreement({ meanKl, top1, positions }: Agreement): string {
  return `mean KL ${meanKl.toFixed(5)}, same first token ${(100 * top1).toFixed(1)} %, ${positions} positions`;
}

/** Up to `steps` tokens, decoded greedily behind a prompt that is prefilled in one run. */
export async function greedyIds(
  opened: OpenedGraph,
  prompt: readonly number[],
  steps: number,
): Promise<number[]> {
  const cache = opened.newCache(2048);
  const ids: number[] = [];
  let next = prompt;
  while (ids.length < steps) {
    const { topIds } = await opened.graph.run({ ids: next, rows: [next.length - 1] }, cache);
    const token = Number(topIds[0]);
    ids.push(token);
    next = [token];
  }
  return ids;
}

function argmax(row: Float32Array): number {
  let best = 0;
  for (let index = 1; index < row.length; index++) {
    if ((row[index] as number) > (row[best] as number)) best = index;
  }
  return best;
}
