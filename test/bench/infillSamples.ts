/** Tasks of HumanEval-Infilling (Bavarian et al. 2022) and the samples that answer them, one JSON object per line. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

export interface InfillTask {
  readonly task_id: string;
  /** Text before the hole. */
  readonly prompt: string;
  /** Text behind it. */
  readonly suffix: string;
}

/** @param path `.jsonl` or `.jsonl.gz` @returns the 1st, (every+1)th, (2·every+1)th … task */
export async function readTasks(path: string, every: number): Promise<InfillTask[]> {
  const bytes = await readFile(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((_, index) => index % every === 0).map((line) => JSON.parse(line) as InfillTask);
}

/**
 * Makes a file that an earlier run wrote ready to be added to: a line that this run did not finish is dropped.
 * @returns ids of the tasks that it answers; none where there is no file
 */
export async function continueSamples(path: string): Promise<Set<string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) await writeFile(path, whole);
  const lines = whole.split('\n').filter((line) => line !== '');
  return new Set(lines.map((line) => (JSON.parse(line) as { task_id: string }).task_id));
}

export async function addSample(path: string, task_id: string, completion: string): Promise<void> {
  await appendFile(path, `${JSON.stringify({ task_id, completion })}\n`);
}
