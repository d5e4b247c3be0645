/**
 * Runs all benchmarks, prints the tables, and writes them into the document. Started by `scripts/bench.mjs`, which
 * brings what is needed and passes BenchArguments as JSON.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import type { BenchReport } from './benchReport';
import { compareEngines } from './compareEngines';
import { describeMachine, loadAverages } from './machine';
import { measureAborts, measureChunks, measureConversion, measureTyping } from './measureProduct';
import { replaceSection } from './replaceSection';
import { renderReport } from './report';
import { percentile } from './statistics';

interface BenchArguments {
  readonly quick: boolean;
  readonly modelPath: string;
  /** Where the numbers go. */
  readonly jsonFile?: string;
  /** Where the tables go. */
  readonly document?: string;
}

/** As many as the machine has, at most two: the smallest machine that is worth a comparison. */
const MAX_THREADS = 2;

const FULL = {
  rounds: 5,
  decodeTokens: 32,
  keystrokes: 12,
  chunkRounds: 5,
  aborts: 30,
  typed: 200,
  typingRounds: 3,
};
/** Enough to see that everything runs; too little for numbers. */
const QUICK = {
  rounds: 1,
  decodeTokens: 4,
  keystrokes: 2,
  chunkRounds: 1,
  aborts: 3,
  typed: 30,
  typingRounds: 1,
};

async function measure({ quick, modelPath }: BenchArguments, cacheDir: string): Promise<BenchReport> {
  const size = quick ? QUICK : FULL;
  const started = Date.now();
  const loadBefore = loadAverages();
  const threads = Math.min(MAX_THREADS, cpus().length);
  const engines = { modelPath, cacheDir, threads };
  const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
  const log = (line: string): void => console.log(line);
  const common = { engines, tokenizer, log };

  const conversion = await measureConversion(common);
  const compared = await compareEngines({ ...common, ...size });
  const chunks = await measureChunks(common, size.chunkRounds);
  const aborts = await measureAborts(common, size.aborts, {
    prefillMs: percentile(compared.ours.prefillMs, 50),
    decodeMs: percentile(compared.ours.decodeMs, 50),
  });
  const typing = await measureTyping(common, size.typed, size.typingRounds);
  return {
    machine: describeMachine(),
    run: {
      date: new Date(started).toISOString().slice(0, 10),
      command: `npm run bench${quick ? ' -- --quick' : ''}`,
      model: basename(modelPath),
      threads,
      keystrokes: size.typed,
      minutes: (Date.now() - started) / 60_000,
      loadBefore,
      loadAfter: loadAverages(),
    },
    engines: compared,
    conversion,
    chunks,
    aborts,
    typing,
  };
}

async function main(): Promise<void> {
  const args = JSON.parse(process.argv[2] ?? '{}') as BenchArguments;
  const cacheDir = mkdtempSync(join(tmpdir(), 'qwen-coder-bench-'));
  try {
    const report = await measure(args, cacheDir);
    const tables = renderReport(report);
    console.log(`\n${tables}`);
    if (args.jsonFile !== undefined) writeFileSync(args.jsonFile, JSON.stringify(report, undefined, 2));
    if (args.document !== undefined) {
      writeFileSync(args.document, replaceSection(readFileSync(args.document, 'utf8'), tables));
    }
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

void main();
