/** Holding an opened graph against the golden references. */
import { klFromTop, loadGoldens, type GoldenName } from './goldens';
import type { OpenedGraph } from './tinyModel';

/** Mean KL over all positions of a golden file, and the share of them where the likeliest token is the same. */
export async function agreement(
  opened: OpenedGraph,
  name: GoldenName,
): Promise<{ meanKl: number; top1: number; positions: number }> {
  const session = opened.session({ contextTokens: 2048 });
  let sum = 0;
  let same = 0;
  let positions = 0;
  for (const prompt of loadGoldens(name).prompts) {
    const rows = await session.evaluate(prompt.ids);
    for (const position of prompt.positions) {
      const row = rows[position.at] as Float32Array;
      sum += klFromTop(position, row);
      same += argmax(row) === position.ids[0] ? 1 : 0;
      positions++;
    }
  }
  return { meanKl: sum / positions, top1: same / positions, positions };
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
