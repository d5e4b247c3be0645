/**
 * Answers the single-line tasks of HumanEval-Infilling with llama.cpp's server, as our own engine does by
 * `qwen-coder infill --raw --first-line`. Started by `scripts/infill-llama.mjs`.
 */
import { startLlamaServer } from '../../scripts/lib/llamaServer.mjs';
import type { Filler } from '../../src/cli/infill/fillers';
import { readInfillTasks, type InfillTask } from '../../src/cli/infill/infillTask';
import { readInterruptedSamples, SampleFile } from '../../src/cli/infill/sampleFile';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import { llamaFiller } from './llamaFiller';

interface InfillArguments {
  readonly tasksFile: string;
  readonly samplesFile: string;
  readonly every: number;
  readonly modelPath: string;
  readonly serverProgram: string;
  readonly threads: number;
}

const MAX_TOKENS = 128;
/** Room for the longest task and its answer. */
const CONTEXT_TOKENS = 2048;

async function main(): Promise<void> {
  const args = JSON.parse(process.argv[2] ?? '{}') as InfillArguments;
  const tasks = (await readInfillTasks(args.tasksFile)).filter((_, index) => index % args.every === 0);
  const kept = await readInterruptedSamples(args.samplesFile);
  const done = new Set(kept.map(({ task_id }) => task_id));
  const open = tasks.filter(({ task_id }) => !done.has(task_id));
  console.error(`${tasks.length - open.length} of ${tasks.length} tasks are in ${args.samplesFile} already.`);
  if (open.length === 0) return;
  const { modelPath, threads, serverProgram: program } = args;
  const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
  const server = await startLlamaServer({ program, modelPath, threads, contextTokens: CONTEXT_TOKENS });
  const file = await SampleFile.open(args.samplesFile, kept);
  const limits = { contextTokens: CONTEXT_TOKENS, maxTokens: MAX_TOKENS };
  try {
    await fillAll(open, llamaFiller({ address: server.address, tokenizer, ...limits }), file);
  } finally {
    await file.close();
    await server.stop();
  }
}

async function fillAll(tasks: readonly InfillTask[], fill: Filler, file: SampleFile): Promise<void> {
  const start = performance.now();
  for (const [index, task] of tasks.entries()) {
    const { task_id } = task;
    const { completion, endedBy } = await fill(task, new AbortController().signal);
    await file.add({ task_id, completion });
    const each = (performance.now() - start) / 1000 / (index + 1);
    const minutes = Math.round((each * (tasks.length - index - 1)) / 60);
    console.error(
      `${index + 1} of ${tasks.length}, ${each.toFixed(2)} s each, ${minutes} min left: ${task_id}, ended by ${endedBy}`,
    );
  }
}

// A signal would end this process without its exit handlers, which end the server.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
void main();
