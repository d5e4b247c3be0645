/**
 * Runs all benchmarks, prints the tables, and writes them into the document. Started by `scripts/bench.mjs`, which
 * brings what is needed and passes BenchArguments as JSON.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Variant } from '../../src/inference/engine';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import { BENCH_CONTEXT_TOKENS } from './benchEngine';
import type { BenchReport } from './benchReport';
import {
  compareEngines,
  enginesToCompare,
  PREFILL_TOKENS,
  type EngineEntry,
  type EngineNumbers,
} from './compareEngines';
import { measureDrafts } from './drafts/measureDrafts';
import { measureFloors } from './floors/measureFloors';
import { mainNumbers } from './mainNumbers';
import { runLlamaBench } from './llamaBench';
import { describeMachine, loadAverages } from './machine';
import {
  measureAborts,
  measureChunks,
  measureConversion,
  measureOperators,
  measureTyping,
} from './measureProduct';
import { keystrokeChart, operatorChart, ratioChart } from './plots/charts';
import { drawChart } from './plots/drawChart';
import { replaceSection } from './replaceSection';
import { renderReport } from './report';
import { percentile } from './statistics';
import type { RecordedConversation } from './workload/conversationLog';
import type { RecordedSequence } from './workload/requestLog';

interface BenchArguments {
  readonly quick: boolean;
  /** Fewer or more than usual. */
  readonly rounds?: number;
  /** Which of the published models it is, as its section in the document is named. */
  readonly model: string;
  readonly modelPath: string;
  /** Ours in these variants, the product's default first. */
  readonly variants: readonly Variant[];
  /** llama.cpp built for this machine, or why there is none. */
  readonly native: { readonly server: string; readonly bench: string } | { readonly missing: string };
  /** Folder of edits that people have made. */
  readonly edits: string;
  /** Files of requests as the editor makes them, and of conversations. */
  readonly workload: string;
  readonly conversations: string;
  /** Where the main numbers go, and where all of them. */
  readonly jsonFile?: string;
  readonly allFile?: string;
  /** Folder that charts go to. */
  readonly plots?: string;
  /** Where the tables go. */
  readonly document?: string;
}

/** What is measured unless another is named. */
const USUAL_MODEL = '0.5b';

/** What `scripts/bench.mjs` measures unless it is told otherwise. */
const USUAL_VARIANTS = 'fast,exact';

/** As many as the machine has, at most two: the smallest machine that is worth a comparison. */
const MAX_THREADS = 2;

const FULL = {
  rounds: 5,
  longRounds: 3,
  decodeTokens: 32,
  keystrokes: 12,
  drafted: { texts: 8, tokens: 96 },
  chunkRounds: 5,
  aborts: 30,
  typed: 200,
  typingRounds: 3,
  documents: Infinity,
  requests: 40,
  conversations: Infinity,
};
/** Enough to see that everything runs; too little for numbers. */
const QUICK = {
  rounds: 1,
  longRounds: 1,
  decodeTokens: 4,
  keystrokes: 2,
  drafted: { texts: 1, tokens: 16 },
  chunkRounds: 1,
  aborts: 3,
  typed: 30,
  typingRounds: 1,
  documents: 1,
  requests: 4,
  conversations: 1,
};

function sizeOf({ quick, rounds }: BenchArguments): typeof FULL {
  if (quick) return QUICK;
  if (rounds === undefined) return FULL;
  const longRounds = Math.min(rounds, FULL.longRounds);
  return { ...FULL, rounds, longRounds, chunkRounds: rounds, typingRounds: longRounds };
}

async function measure(args: BenchArguments, cacheDir: string): Promise<BenchReport> {
  const { model, modelPath, variants, native } = args;
  const size = sizeOf(args);
  const started = Date.now();
  const loadBefore = loadAverages();
  const threads = Math.min(MAX_THREADS, cpus().length);
  const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
  const log = (line: string): void => console.log(line);
  const base = { modelPath, cacheDir, threads, ...('server' in native && { serverProgram: native.server }) };
  const engines = enginesToCompare(base, variants, (variant) => join(cacheDir, variant));
  const common = { engines: (engines[0] as EngineEntry).options, tokenizer, log };

  const conversions: BenchReport['conversions'][number][] = [];
  for (const { kind, options } of engines) {
    if (kind !== 'ours') continue;
    conversions.push({
      variant: options.variant,
      ...(await measureConversion({ ...common, engines: options })),
    });
  }
  const workload = recordedRequests(args.workload, size);
  const conversations = recordedConversations(args.conversations, size.conversations);
  const compared = await compareEngines({ ...size, engines, workload, conversations, tokenizer, log });
  const llamaBench =
    'bench' in native &&
    (await runLlamaBench({
      ...{ program: native.bench, modelPath, threads, promptTokens: PREFILL_TOKENS },
      ...{ decodeTokens: size.decodeTokens, repetitions: size.rounds },
    }));
  const drafts = await measureDrafts({
    ...{ engines: common.engines, sources: args.edits, log },
    ...size.drafted,
  });
  const operators = await measureOperators(common);
  const chunks = await measureChunks(common, size.chunkRounds);
  const main = compared[0] as EngineNumbers;
  const floors = await measureFloors(common, main);
  const aborts = await measureAborts(common, size.aborts, {
    prefillMs: percentile(main.prefill.find(({ tokens }) => tokens === PREFILL_TOKENS)?.ms ?? [], 50),
    decodeMs: percentile(main.decodeMs, 50),
  });
  const typing = await measureTyping(common, size.typed, size.typingRounds);
  return {
    machine: describeMachine(),
    run: {
      date: new Date(started).toISOString().slice(0, 10),
      command: commandOf(args),
      model: basename(modelPath),
      threads,
      contextTokens: BENCH_CONTEXT_TOKENS,
      keystrokes: size.typed,
      minutes: (Date.now() - started) / 60_000,
      loadBefore,
      loadAfter: loadAverages(),
      targetsOf: model,
      ...('missing' in native && { nativeMissing: native.missing }),
    },
    engines: compared,
    ...(llamaBench !== false && { llamaBench }),
    ...{ conversions, drafts, floors, operators, chunks, aborts, typing },
  };
}

/** The first ones of each document. */
function recordedRequests(
  file: string,
  { documents, requests: most }: { readonly documents: number; readonly requests: number },
): RecordedSequence[] {
  const { sequences } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly sequences: readonly RecordedSequence[];
  };
  return sequences
    .slice(0, documents)
    .map(({ languageId, requests }) => ({ languageId, requests: requests.slice(0, most) }));
}

function recordedConversations(file: string, most: number): RecordedConversation[] {
  const { conversations } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly conversations: readonly RecordedConversation[];
  };
  return conversations.slice(0, most);
}

function commandOf({ quick, model, rounds, variants }: BenchArguments): string {
  const options = [
    ...(model === USUAL_MODEL ? [] : [`--model ${model}`]),
    ...(variants.join() === USUAL_VARIANTS ? [] : [`--variants ${variants.join()}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
    ...(quick ? ['--quick'] : []),
  ];
  return ['npm run bench', ...(options.length > 0 ? ['--', ...options] : [])].join(' ');
}

/** @param beginning of the paths of the files */
async function writeCharts(report: BenchReport, beginning: string): Promise<void> {
  const charts = {
    '': ratioChart(report),
    '-operators': operatorChart(report),
    '-keystrokes': keystrokeChart(report),
  };
  for (const [name, spec] of Object.entries(charts)) {
    if (spec !== undefined) writeFileSync(`${beginning}${name}.svg`, await drawChart(spec));
  }
}

async function main(): Promise<void> {
  const args = JSON.parse(process.argv[2] ?? '{}') as BenchArguments;
  const cacheDir = mkdtempSync(join(tmpdir(), 'qwen-coder-bench-'));
  try {
    const report = await measure(args, cacheDir);
    const tables = renderReport(report);
    console.log(`\n${tables}`);
    if (args.jsonFile !== undefined)
      writeFileSync(args.jsonFile, JSON.stringify(mainNumbers(report), undefined, 2));
    if (args.allFile !== undefined) writeFileSync(args.allFile, JSON.stringify(report, undefined, 2));
    if (args.plots !== undefined) await writeCharts(report, join(args.plots, `bench-${args.model}`));
    if (args.document !== undefined) {
      writeFileSync(args.document, replaceSection(readFileSync(args.document, 'utf8'), args.model, tables));
    }
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

void main();
