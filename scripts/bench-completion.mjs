/**
 * Measures completion and writes the tables into docs/BENCHMARKS.md, which says what is measured. Takes some three hours;
 * leave the machine alone meanwhile.
 *
 * usage: node scripts/bench-completion.mjs [--data FOLDER] [--only PARTS] [--limit N] [--record FOLDER]
 *                                          [--ablate rules] [--model 0.5b|1.5b] [--variant NAME] [--json FILE]
 *   --data FOLDER    the authors' files of HumanEval-Infilling; default: QWEN_CODER_INFILLING_DATA, or
 *                    data/human-eval-infilling in the cache folder
 *   --only PARTS     some of single,multi,replay
 *   --limit N        tasks of each kind, files of each language
 *   --record FOLDER  keeps every generation and every outcome there, and takes from there what it has: a run that was
 *                    interrupted goes on, and changed rules are measured in seconds
 *   --ablate rules   also measures without each end rule
 *   --variant NAME   default: fast
 *   With --only, --limit or --variant the document stays as it is.
 */
import { join, resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { cacheRoot } from './lib/cacheRoot.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureNativeLlama } from './lib/ensureNativeLlama.mjs';
import { ensureReplaySources } from './lib/ensureReplaySources.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { MODELS } from './lib/models.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';

const PARTS = ['single', 'multi', 'replay'];
const ABLATIONS = ['rules'];
const VARIANTS = ['fast', 'fast7', 'exact'];

await runMain(async () => {
  const { data, only, limit, record, ablate, model, variant, json } = readOptions();
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const whole = only === undefined && limit === undefined && variant === undefined;
  const modelPath = await ensureWeights(model);
  const args = {
    ...{ model, modelPath, variant: variant ?? 'fast', data },
    ...{ only: only ?? PARTS, ablate },
    ...(limit !== undefined && { limit }),
    ...((only ?? PARTS).includes('replay') && {
      sources: await ensureReplaySources(),
      serverProgram: (await ensureNativeLlama(modelPath)).server,
    }),
    ...(record !== undefined && { record: resolve(record) }),
    ...(json !== undefined && { jsonFile: resolve(json) }),
    ...(whole && { document: inCheckout('docs', 'BENCHMARKS.md') }),
  };
  const program = inCheckout('out', 'test', 'bench', 'completion', 'completionMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});

function readOptions() {
  const values = ['data', 'only', 'limit', 'record', 'ablate', 'model', 'variant', 'json'];
  const options = readArguments(process.argv.slice(2), { values });
  const { model = '0.5b', limit } = options;
  requireKnown('model', [model], Object.keys(MODELS));
  const list = (name, known) => {
    const chosen = options[name]?.split(',');
    if (chosen !== undefined) requireKnown(name, chosen, known);
    return chosen;
  };
  if (limit !== undefined && !/^[1-9]\d*$/.test(limit))
    throw new ProvisionError(`--limit ${limit} is no number of tasks.`);
  return {
    ...options,
    model,
    data: resolve(
      options.data ??
        process.env.QWEN_CODER_INFILLING_DATA ??
        join(cacheRoot(), 'data', 'human-eval-infilling'),
    ),
    only: list('only', PARTS),
    ablate: list('ablate', ABLATIONS) ?? [],
    variant: list('variant', VARIANTS)?.[0],
    limit: limit === undefined ? undefined : Number(limit),
  };
}

function requireKnown(name, chosen, known) {
  const unknown = chosen.find((each) => !known.includes(each));
  if (unknown !== undefined)
    throw new ProvisionError(`--${name} ${unknown} is not known.`, `Choose from ${known.join(', ')}.`);
}
