/** Which tasks of HumanEval-Infilling (Bavarian et al. 2022) are answered. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readScoredTasks, type ScoredTask } from '../../../src/cli/score/scoring';

export const INFILL_KINDS = ['singleLine', 'multiLine'] as const;
export type InfillKind = (typeof INFILL_KINDS)[number];

const FILES: Readonly<Record<InfillKind, string>> = {
  singleLine: 'HumanEval-SingleLineInfilling.jsonl.gz',
  multiLine: 'HumanEval-MultiLineInfilling.jsonl.gz',
};
/** Of the tasks with one line. */
const EVERY = 3;
/** Of those with several lines, by a hash of their names: neighbours in the file are holes of one program. */
const MULTI_LINE_TASKS = 300;
const SEED = 'qwen-coder-local completion 1';

/** @param folder holds the authors' files; @throws Error that says where they are to be had */
export async function chosenTasks(kind: InfillKind, folder: string, limit = Infinity): Promise<ScoredTask[]> {
  const path = join(folder, FILES[kind]);
  if (!existsSync(path)) {
    throw new Error(
      `There is no ${path}. The file is at https://github.com/openai/human-eval-infilling, in data/; ` +
        'name its folder with --data or QWEN_CODER_INFILLING_DATA.',
    );
  }
  return chooseTasks(kind, [...(await readScoredTasks(path)).values()]).slice(0, limit);
}

/** @param tasks in the file's order */
export function chooseTasks<T extends { readonly task_id: string }>(
  kind: InfillKind,
  tasks: readonly T[],
): T[] {
  if (kind === 'singleLine') return tasks.filter((_, index) => index % EVERY === 0);
  const order = ({ task_id }: T): string => createHash('sha256').update(`${SEED} ${task_id}`).digest('hex');
  return [...tasks].sort((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, MULTI_LINE_TASKS);
}
