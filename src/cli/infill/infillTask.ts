/** Tasks of HumanEval-Infilling (Bavarian et al. 2022): a program with a hole. */
import { CliError, EXIT } from '../exitCodes';
import { readJsonLines, textFields } from '../jsonLines';

export interface InfillTask {
  readonly task_id: string;
  /** Text before the hole. */
  readonly prompt: string;
  /** Text behind it. */
  readonly suffix: string;
}

/** Reads tasks in the file's order. @throws CliError for a damaged file or a task that occurs twice */
export async function readInfillTasks(path: string): Promise<InfillTask[]> {
  const lines = await readJsonLines(path);
  const tasks = lines.map((line) => textFields(line, ['task_id', 'prompt', 'suffix'], path));
  if (tasks.length === 0) throw new CliError(EXIT.fileFailed, `${path} has no tasks.`);
  const ids = new Set<string>();
  for (const { task_id } of tasks) {
    if (ids.has(task_id)) throw new CliError(EXIT.fileFailed, `${path} has the task ${task_id} twice.`);
    ids.add(task_id);
  }
  return tasks;
}
