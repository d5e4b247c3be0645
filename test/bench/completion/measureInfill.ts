/** HumanEval-Infilling in four ways: as the bare model writes, plainly cut, as the editor shows it, with hindsight. */
import { systemClock } from '../../../src/completion/clock';
import { DEFAULT_COMPLETER_OPTIONS, type CompleterOptions } from '../../../src/completion/completer';
import {
  editorFiller,
  editorPlace,
  firstLineOf,
  rawFiller,
  type Filler,
} from '../../../src/cli/infill/fillers';
import type { Engine } from '../../../src/inference/engine';
import type { PythonSandbox } from '../../../src/cli/score/pythonSandbox';
import {
  programOf,
  scoreOf,
  scoreSamples,
  type SampleResult,
  type ScoredTask,
} from '../../../src/cli/score/scoring';
import { testSyntax } from '../../support/syntax';
import { firstCut, lineEndings } from './lineEnds';
import { textOf, type RecordedEngine } from './recordedEngine';

const syntax = testSyntax();

/** More than the longest line, and than most holes of several lines; what has not ended by then runs on. */
const RAW_MAX_TOKENS = 128;
const LANGUAGE = 'python';

export interface AnsweredTask {
  readonly task: ScoredTask;
}

/** What was written for one task. */
export interface InfillAnswer extends AnsweredTask {
  readonly raw: string;
  readonly pipeline: string;
  readonly endedBy: string;
  /** All that the pipeline's request would have written, and what ends its lines in the task's program. */
  readonly written: string;
  readonly lineEnd: string;
}

export interface WayScore {
  /** From 0 to 1. */
  readonly passAt1: number;
  readonly exactMatch: number;
}

export interface InfillMeasured {
  readonly tasks: number;
  readonly raw: WayScore;
  /** The raw text up to its first line end. */
  readonly rawFirstLine: WayScore;
  readonly firstCut: WayScore;
  readonly pipeline: WayScore;
  /** Share of tasks that some line end of the raw text solves, and of the text that the pipeline cut. */
  readonly hindsight: number;
  readonly pipelineHindsight: number;
  /** How often the pipeline ended by what. */
  readonly endedBy: Readonly<Record<string, number>>;
}

export interface ScoringParts {
  readonly sandbox: Pick<PythonSandbox, 'run'>;
  readonly jobs: number;
}

/** Has every task answered, or finds the answers in the recording. @throws EngineError */
export async function answerTasks(
  tasks: readonly ScoredTask[],
  engine: RecordedEngine,
  options: Partial<CompleterOptions>,
  onProgress: (done: number) => void,
): Promise<InfillAnswer[]> {
  const raw = rawFiller(engine, { maxTokens: RAW_MAX_TOKENS, firstLine: false });
  const answers: InfillAnswer[] = [];
  for (const task of tasks) {
    const { signal } = new AbortController();
    const { completion } = await raw(task, signal);
    answers.push({ task, raw: completion, ...(await answerInEditor(task, engine, options)) });
    onProgress(answers.length);
  }
  return answers;
}

/** What the editor would show. */
export async function answerInEditor(
  task: ScoredTask,
  engine: RecordedEngine,
  options: Partial<CompleterOptions>,
): Promise<Pick<InfillAnswer, 'pipeline' | 'endedBy' | 'written' | 'lineEnd'>> {
  const fill = editorFillerOf(engine, options);
  const { completion, endedBy } = await fill(task, new AbortController().signal);
  const written = engine.last === undefined ? '' : textOf(engine.last);
  return { pipeline: completion, endedBy, written, lineEnd: editorPlace(task).lineEnd };
}

/** Fills as the editor would. */
export function editorFillerOf(engine: Engine, options: Partial<CompleterOptions>): Filler {
  const { maxNewTokens } = { ...DEFAULT_COMPLETER_OPTIONS, ...options };
  return editorFiller(
    engine,
    {
      languageId: LANGUAGE,
      maxTokens: maxNewTokens,
      syntax,
      ...(options.endRulesOff && { endRulesOff: options.endRulesOff }),
    },
    systemClock(),
  );
}

/** Runs the tests on all of it. */
export async function scoreAnswers(
  answers: readonly InfillAnswer[],
  parts: ScoringParts,
): Promise<InfillMeasured> {
  const of = (completion: (answer: InfillAnswer) => string): Promise<WayScore> =>
    scoreWay(answers, completion, parts);
  const endedBy: Record<string, number> = {};
  for (const answer of answers) endedBy[answer.endedBy] = (endedBy[answer.endedBy] ?? 0) + 1;
  return {
    tasks: answers.length,
    raw: await of(({ raw }) => raw),
    rawFirstLine: await of(({ raw }) => firstLineOf(raw)),
    firstCut: await of(({ raw, task }) => firstCut(raw, task.prompt, task.suffix)),
    pipeline: await of(({ pipeline }) => pipeline),
    hindsight: await solvableShare(answers, ({ raw }) => lineEndings(raw), parts),
    pipelineHindsight: await solvableShare(answers, ({ written }) => lineEndings(written), parts),
    endedBy,
  };
}

/** pass@1 of one completion for each task. */
export async function scoreWay<T extends AnsweredTask>(
  answers: readonly T[],
  completion: (answer: T) => string,
  parts: ScoringParts,
): Promise<WayScore> {
  const { passAt1, exactMatch } = scoreOf(answers.length, await resultsOf(answers, completion, parts));
  return { passAt1, exactMatch };
}

/** Which tasks pass, in the order of the answers. */
export async function resultsOf<T extends AnsweredTask>(
  answers: readonly T[],
  completion: (answer: T) => string,
  { sandbox, jobs }: ScoringParts,
): Promise<SampleResult[]> {
  const tasks = new Map(answers.map(({ task }) => [task.task_id, task]));
  const samples = answers.map((answer) => ({
    task_id: answer.task.task_id,
    completion: completion(answer),
  }));
  return scoreSamples(tasks, samples, sandbox, { jobs, signal: new AbortController().signal });
}

/** Share of the tasks that one of the candidates solves. */
async function solvableShare(
  answers: readonly InfillAnswer[],
  candidates: (answer: InfillAnswer) => readonly string[],
  { sandbox, jobs }: ScoringParts,
): Promise<number> {
  const { signal } = new AbortController();
  let next = 0;
  let solved = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < answers.length; index = next++) {
      const answer = answers[index] as InfillAnswer;
      for (const candidate of candidates(answer)) {
        const outcome = await sandbox.run(programOf(answer.task, candidate), signal);
        if (outcome.kind !== 'passed') continue;
        solved++;
        break;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return answers.length === 0 ? 0 : solved / answers.length;
}
