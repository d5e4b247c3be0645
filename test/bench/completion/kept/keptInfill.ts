/** HumanEval-Infilling as the editor fills it: each place as it is, and with the suffix kept from before what was typed last. */
import { sharedConvertedDir } from '../../../support/sharedStorage';
import { openGraph } from '../../../support/tinyModel';
import { chosenTasks, INFILL_KINDS, type InfillKind } from '../infillTasks';
import { editorFillerOf, scoreWay, type AnsweredTask, type ScoringParts } from '../measureInfill';
import { KeptEngine } from './keptEngine';
import type { KeptModel } from './measureKept';

const CONTEXT_TOKENS = 4096;
const CHUNK_TOKENS = 128;
/** At the end of each prefix, since its suffix was evaluated; 0: nothing is kept. */
const TYPED_TOKENS = [0, 16] as const;

export interface KeptInfillMeasured {
  readonly kind: InfillKind;
  readonly typedTokens: number;
  readonly tasks: number;
  /** From 0 to 1. */
  readonly passAt1: number;
  /** Share of the tasks that are filled as where nothing is kept. */
  readonly sameText: number;
  /** Prompt tokens evaluated once the last ones had been typed, in the mean. */
  readonly evaluatedEach: number;
}

export interface KeptInfillParts extends ScoringParts {
  /** Folder of the tasks. */
  readonly data: string;
  readonly limit?: number;
}

interface FilledTask extends AnsweredTask {
  readonly completion: string;
}

/** @throws Error where there are no tasks */
export async function measureKeptInfill(
  { modelPath, variant, threads }: KeptModel,
  { data, limit, ...scoring }: KeptInfillParts,
  onMeasured: (measured: KeptInfillMeasured) => void,
): Promise<KeptInfillMeasured[]> {
  const cacheDir = sharedConvertedDir();
  const opened = await openGraph(modelPath, cacheDir, { variant, threads });
  const all: KeptInfillMeasured[] = [];
  try {
    for (const kind of INFILL_KINDS) {
      const tasks = await chosenTasks(kind, data, limit);
      let afresh: readonly FilledTask[] = [];
      for (const typedTokens of TYPED_TOKENS) {
        const session = opened.session({ contextTokens: CONTEXT_TOKENS, chunkTokens: CHUNK_TOKENS });
        const engine = new KeptEngine(session, typedTokens);
        const fill = editorFillerOf(engine, {});
        const filled: FilledTask[] = [];
        for (const task of tasks) {
          const { completion } = await fill(task, new AbortController().signal);
          filled.push({ task, completion });
        }
        if (typedTokens === 0) afresh = filled;
        const { passAt1 } = await scoreWay(filled, ({ completion }) => completion, scoring);
        const same = filled.filter(({ completion }, index) => completion === afresh[index]?.completion);
        const measured = {
          ...{ kind, typedTokens, passAt1, tasks: tasks.length, evaluatedEach: engine.evaluatedEach },
          sameText: same.length / tasks.length,
        };
        all.push(measured);
        onMeasured(measured);
      }
    }
  } finally {
    await opened.graph.release();
  }
  return all;
}
