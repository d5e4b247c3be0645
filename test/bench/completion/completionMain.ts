/**
 * How good completion is: HumanEval-Infilling with tests that really run, what each end rule is worth there, and files
 * typed key by key beside llama.vscode.
 * Started by `scripts/bench-completion.mjs`, which passes its arguments as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PythonSandbox } from '../../../src/cli/score/pythonSandbox';
import type { CompleterOptions } from '../../../src/completion/completer';
import type { Engine, Variant } from '../../../src/inference/engine';
import { testSyntax } from '../../support/syntax';
import { disposeWhenInterrupted, realEngine } from '../../support/realEngine';
import { describeMachine, loadAverages } from '../machine';
import { replaceSection } from '../replaceSection';
import { ablateRules } from './ablateRules';
import { completionReport, completionSections, type CompletionMeasured } from './completionReport';
import { measureHealing, type HealingMeasured } from './healing/measureHealing';
import { measureKeptInfill } from './kept/keptInfill';
import { keptTables, type KeptSuffixMeasured } from './kept/keptReport';
import { measureKept } from './kept/measureKept';
import { measureContext, type ContextMeasured } from './context/measureContext';
import { chosenTasks, INFILL_KINDS, type InfillKind } from './infillTasks';
import {
  answerTasks,
  scoreAnswers,
  type InfillAnswer,
  type InfillMeasured,
  type ScoringParts,
} from './measureInfill';
import { rememberingSandbox } from './outcomeCache';
import { RecordedEngine } from './recordedEngine';
import { replayNumbers, type FileReplayed } from './replay/measureReplay';
import { REPLAY_NAMES, runReplay } from './replay/runReplay';
import { chosenSources, packageFiles, type ReplaySource } from './replay/sources';

interface CompletionArguments {
  readonly model: string;
  readonly modelPath: string;
  readonly variant: Variant;
  /** Folder of the infilling tasks. */
  readonly data: string;
  readonly only: readonly ('single' | 'multi' | 'replay' | 'context' | 'healing' | 'kept')[];
  /** Tasks of each kind, files of each language. */
  readonly limit?: number;
  /** Folder of recorded generations and outcomes. */
  readonly record?: string;
  readonly ablate: readonly 'rules'[];
  readonly jsonFile?: string;
  readonly document?: string;
  /** For the replay: sources to type and the native `llama-server`. */
  readonly sources?: string;
  readonly serverProgram?: string;
  /** For finding thresholds: other files, ours without the opponent, options of ours, all that was shown. */
  readonly draw?: string;
  readonly alone?: boolean;
  readonly options?: Partial<CompleterOptions>;
  readonly traceFile?: string;
  readonly requestsFile?: string;
}

/** As the command line's `score` has them. */
const SANDBOX_LIMITS = { cpuSeconds: 6, memoryBytes: 1024 * 1024 * 1024 };
const PROGRESS_EVERY = 20;
/** As many as our engine takes. */
const THREADS = 2;

async function main(args: CompletionArguments): Promise<void> {
  const started = performance.now();
  const loadBefore = loadAverages();
  const engine = realEngine(args.modelPath, args.variant);
  disposeWhenInterrupted(engine);
  try {
    const { infill, answers, recorded, parts } = await measureInfillOf(args, engine);
    const replay = await replayOf(args, engine);
    if (args.alone === true && replay !== undefined) {
      console.log(JSON.stringify(replayNumbers(replay, REPLAY_NAMES.ours), null, 2));
      return;
    }
    const measured: CompletionMeasured = {
      infill,
      ...(replay !== undefined && { replay }),
      ...(args.ablate.includes('rules') && { rules: await ablateRules(answers, recorded, parts) }),
      ...(args.only.includes('healing') && { healing: await healingOf(args, engine) }),
      ...(args.only.includes('kept') && { kept: await keptOf(args, parts) }),
      ...(args.only.includes('context') && { context: await contextOf(args, engine) }),
    };
    const minutes = (performance.now() - started) / 60_000;
    for (const [name, tables] of completionSections(measured)) {
      const section = `${header(args, loadBefore, minutes)}\n\n${tables}`;
      console.log(`\n${section}`);
      const { document, model, only } = args;
      // Half of the infilling tasks would take the place of all.
      const half =
        (name === 'infilling' || name === 'rules') && !(only.includes('single') && only.includes('multi'));
      if (document === undefined || half) continue;
      const text = readFileSync(document, 'utf8');
      writeFileSync(document, replaceSection(text, `completion ${model} ${name}`, section));
    }
    if (args.jsonFile !== undefined) {
      writeFileSync(args.jsonFile, `${JSON.stringify(completionReport(measured), null, 2)}\n`);
    }
  } finally {
    await engine.dispose();
  }
}

async function measureInfillOf(
  { model, variant, data, only, limit, record }: CompletionArguments,
  engine: Engine,
): Promise<{
  infill: Partial<Record<InfillKind, InfillMeasured>>;
  answers: Partial<Record<InfillKind, InfillAnswer[]>>;
  recorded: RecordedEngine;
  parts: ScoringParts;
}> {
  const recorded = new RecordedEngine(engine, {
    identity: `${model} ${variant}`,
    ...(record !== undefined && { folder: record }),
  });
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const sandbox = await PythonSandbox.open(python, SANDBOX_LIMITS);
  const parts = {
    sandbox: rememberingSandbox(sandbox, record === undefined ? undefined : join(record, 'outcomes.jsonl')),
    jobs: availableParallelism(),
  };
  const infill: Partial<Record<InfillKind, InfillMeasured>> = {};
  const answers: Partial<Record<InfillKind, InfillAnswer[]>> = {};
  for (const kind of INFILL_KINDS) {
    if (!only.includes(kind === 'singleLine' ? 'single' : 'multi')) continue;
    const tasks = await chosenTasks(kind, data, limit);
    const from = performance.now();
    answers[kind] = await answerTasks(tasks, recorded, {}, (done) => {
      if (done % PROGRESS_EVERY !== 0 && done !== tasks.length) return;
      const minutes = ((performance.now() - from) / 60_000).toFixed(1);
      const { asked, replayed } = recorded.counts;
      console.log(
        `${kind}: ${done} of ${tasks.length}, ${minutes} min; ${asked} generated, ${replayed} replayed`,
      );
    });
    infill[kind] = await scoreAnswers(answers[kind] ?? [], parts);
  }
  return { infill, answers, recorded, parts };
}

async function replayOf(args: CompletionArguments, engine: Engine): Promise<FileReplayed[] | undefined> {
  const { only, sources, serverProgram, alone } = args;
  if (!only.includes('replay') || sources === undefined || serverProgram === undefined) return undefined;
  const threads = Math.min(THREADS, availableParallelism());
  const { modelPath, limit, draw, options, traceFile, requestsFile } = args;
  return runReplay(engine, {
    ...{ sources, modelPath, threads },
    ...(alone !== true && { serverProgram }),
    ...(limit !== undefined && { limit }),
    ...(draw !== undefined && { draw }),
    ...(options !== undefined && { options }),
    ...(traceFile !== undefined && { traceFile }),
    ...(requestsFile !== undefined && { requestsFile }),
  });
}

/** @throws Error where there is no folder of sources */
function sourcesOf({ sources, draw, limit }: CompletionArguments): {
  folder: string;
  chosen: readonly ReplaySource[];
} {
  if (sources === undefined) throw new Error('the sources to type are needed');
  const choice = { sources, ...(draw !== undefined && { draw }), ...(limit !== undefined && { limit }) };
  return { folder: sources, chosen: chosenSources(choice) };
}

async function contextOf(args: CompletionArguments, engine: Engine): Promise<readonly ContextMeasured[]> {
  const { folder, chosen } = sourcesOf(args);
  const tasks = chosen.map((source) => ({ source, files: packageFiles(folder, source) }));
  await engine.start();
  return measureContext(tasks, engine, testSyntax(), (done, { name }) => {
    console.log(`context, ${name}: ${done} of ${tasks.length} files`);
  });
}

async function healingOf(args: CompletionArguments, engine: Engine): Promise<readonly HealingMeasured[]> {
  const { chosen } = sourcesOf(args);
  await engine.start();
  return measureHealing(chosen, engine, (done, cut) => {
    console.log(`healing, ${cut}: ${done} of ${chosen.length} files`);
  });
}

/** On graphs of its own: the engine tells nobody its logits, and keeps no suffix that is soon evaluated. */
async function keptOf(args: CompletionArguments, parts: ScoringParts): Promise<KeptSuffixMeasured> {
  const { modelPath, variant, data, limit } = args;
  const { chosen } = sourcesOf(args);
  const model = { modelPath, variant, threads: Math.min(THREADS, availableParallelism()) };
  const measured = await measureKept(chosen, model, (done) => {
    console.log(`kept suffix: ${done} of ${chosen.length} files`);
  });
  console.log(keptTables({ ...measured, infill: [] }));
  const tasks = { ...parts, data, ...(limit !== undefined && { limit }) };
  const infill = await measureKeptInfill(model, tasks, ({ kind, typedTokens, passAt1 }) => {
    console.log(`kept suffix, ${kind}, ${typedTokens} tokens typed: ${(100 * passAt1).toFixed(1)} %`);
  });
  return { ...measured, infill };
}

function header({ model, variant }: CompletionArguments, loadBefore: string, minutes: number): string {
  const machine = describeMachine();
  return [
    `Run of ${new Date().toISOString().slice(0, 10)} by \`npm run bench:completion${model === '0.5b' ? '' : ` -- --model ${model}`}\` ` +
      `(${minutes.toFixed(1)} minutes). Load averages over 1, 5 and 15 minutes: ${loadBefore} before, ${loadAverages()} after.`,
    '',
    `- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.instructions}, ${machine.memoryGb} GB; ` +
      `${machine.system}; Node ${machine.node}`,
    `- Model: Qwen2.5-Coder ${model} Instruct, *${variant}*`,
  ].join('\n');
}

void main(JSON.parse(process.argv[2] ?? '{}') as CompletionArguments).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
