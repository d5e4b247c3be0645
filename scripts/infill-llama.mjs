/**
 * Answers the single-line tasks of HumanEval-Infilling with a natively built llama.cpp, greedily from the bare
 * prompt, for `qwen-coder score`. Each line is written at once; tasks that the file of samples has are skipped, so
 * that a run which was interrupted goes on.
 *
 * usage: node scripts/infill-llama.mjs --in TASKS.jsonl[.gz] --out SAMPLES.jsonl [--every N] [--model 0.5b|1.5b]
 *                                      [--threads N]
 *   --every N     only the 1st, (N+1)th, (2N+1)th … task
 *   --model SIZE  default: 0.5b
 *   --threads N   default: 2; with 1 it goes on well beside other work, since its threads wait for each other busily
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureNativeLlama } from './lib/ensureNativeLlama.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { MODELS } from './lib/models.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';

await runMain(async () => {
  const options = readArguments(process.argv.slice(2), {
    values: ['in', 'out', 'every', 'model', 'threads'],
  });
  const { in: tasks, out: samples, every = '1', model = '0.5b', threads = '2' } = options;
  const usage =
    'node scripts/infill-llama.mjs --in TASKS.jsonl[.gz] --out SAMPLES.jsonl [--every N] [--model SIZE] [--threads N]';
  if (tasks === undefined || samples === undefined)
    throw new ProvisionError('--in and --out are needed.', usage);
  for (const [name, value] of Object.entries({ every, threads })) {
    if (!/^[1-9]\d*$/.test(value)) throw new ProvisionError(`--${name} ${value} is no whole number.`, usage);
  }
  if (!Object.hasOwn(MODELS, model)) {
    throw new ProvisionError(
      `There is no model ${model}.`,
      `Choose one of ${Object.keys(MODELS).join(', ')}.`,
    );
  }
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const modelPath = await ensureWeights(model);
  const { server } = await ensureNativeLlama(modelPath);
  const args = {
    tasksFile: resolve(tasks),
    samplesFile: resolve(samples),
    every: Number(every),
    modelPath,
    serverProgram: server,
    threads: Math.min(Number(threads), availableParallelism()),
  };
  const program = inCheckout('out', 'test', 'bench', 'infillMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});
