/** Which samples pass their task's tests, and what that makes together. */
import { CliError, EXIT } from '../exitCodes';
import type { Sample } from '../infill/sampleFile';
import { readJsonLines, textFields } from '../jsonLines';
import type { ProgramOutcome, PythonSandbox } from './pythonSandbox';

const FIELDS = ['task_id', 'prompt', 'suffix', 'test', 'entry_point', 'canonical_solution'] as const;

/** A task with its tests. */
export type ScoredTask = Readonly<Record<(typeof FIELDS)[number], string>>;

export interface SampleResult {
  readonly task_id: string;
  readonly outcome: ProgramOutcome['kind'];
  /** Why it failed: the name of the exception, or what ended the process. */
  readonly error?: string;
  /** The same as the canonical solution, blanks around both left aside. */
  readonly exact: boolean;
}

export interface Score {
  /** Tasks in the file, and those with a sample. */
  readonly tasks: number;
  readonly sampledTasks: number;
  readonly samples: number;
  readonly passed: number;
  readonly failed: number;
  readonly timeouts: number;
  readonly exact: number;
  /** Mean over the sampled tasks of the share of their samples that pass, from 0 to 1. */
  readonly passAt1: number;
  /** The same for `exact`. */
  readonly exactMatch: number;
}

/** @throws CliError for a file that cannot be read or lacks a field */
export async function readScoredTasks(path: string): Promise<ReadonlyMap<string, ScoredTask>> {
  const tasks = (await readJsonLines(path)).map((line) => textFields(line, FIELDS, path));
  return new Map(tasks.map((task) => [task.task_id, task]));
}

/** The program that a sample makes with its task. It ends without an exception exactly where the tests pass. */
export const programOf = (task: ScoredTask, completion: string): string =>
  `${task.prompt}${completion}${task.suffix}\n${task.test}\ncheck(${task.entry_point})\n`;

/**
 * Runs every sample's program, `jobs` at a time.
 *
 * @param onResult called after each, in the order in which they end
 * @returns in the order of the samples
 * @throws CliError for a sample of a task that is not among the tasks; the signal's reason once it is aborted
 */
export async function scoreSamples(
  tasks: ReadonlyMap<string, ScoredTask>,
  samples: readonly Sample[],
  sandbox: Pick<PythonSandbox, 'run'>,
  work: {
    readonly jobs: number;
    readonly signal: AbortSignal;
    readonly onResult?: (result: SampleResult) => void;
  },
): Promise<SampleResult[]> {
  const unknown = samples.find(({ task_id }) => !tasks.has(task_id));
  if (unknown !== undefined) {
    throw new CliError(
      EXIT.fileFailed,
      `There is a sample of ${unknown.task_id}, which is not among the tasks.`,
    );
  }
  const results: SampleResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < samples.length; index = next++) {
      const { task_id, completion } = samples[index] as Sample;
      const task = tasks.get(task_id) as ScoredTask;
      const outcome = await sandbox.run(programOf(task, completion), work.signal);
      const result: SampleResult = {
        task_id,
        outcome: outcome.kind,
        ...(outcome.kind === 'failed' ? { error: outcome.error } : {}),
        exact: completion.trim() === task.canonical_solution.trim(),
      };
      results[index] = result;
      work.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: work.jobs }, worker));
  return results;
}

/** @param tasks number of tasks in the file */
export function scoreOf(tasks: number, results: readonly SampleResult[]): Score {
  const count = (outcome: SampleResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const sampled = new Map<string, SampleResult[]>();
  for (const result of results) sampled.set(result.task_id, [...(sampled.get(result.task_id) ?? []), result]);
  const mean = (good: (result: SampleResult) => boolean): number => {
    let sum = 0;
    for (const of of sampled.values()) sum += of.filter(good).length / of.length;
    return sampled.size === 0 ? 0 : sum / sampled.size;
  };
  return {
    tasks,
    sampledTasks: sampled.size,
    samples: results.length,
    passed: count('passed'),
    failed: count('failed'),
    timeouts: count('timeout'),
    exact: results.filter(({ exact }) => exact).length,
    passAt1: mean(({ outcome }) => outcome === 'passed'),
    exactMatch: mean(({ exact }) => exact),
  };
}
