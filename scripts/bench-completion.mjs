/**
 * Measures completion and writes the tables into docs/BENCHMARKS.md, which says what is measured. Takes some four hours,
 * part by part; leave the machine alone meanwhile.
 *
 * usage: node scripts/bench-completion.mjs [--data FOLDER] [--only PARTS] [--limit N] [--record FOLDER]
 *                                          [--ablate rules] [--model 0.5b|1.5b] [--variant NAME] [--json FILE]
 *   --data FOLDER    the authors' files of HumanEval-Infilling; default: QWEN_CODER_INFILLING_DATA, or
 *                    data/human-eval-infilling in the cache folder
 *   --only PARTS     some of single,multi,replay,context,healing,kept
 *   --limit N        tasks of each kind, files of each language
 *   --record FOLDER  keeps every generation and every outcome there, and takes from there what it has: a run that was
 *                    interrupted goes on, and changed rules are measured in seconds
 *   --ablate rules   also measures without each end rule
 *   --variant NAME   default: fast
 *   --draw NAME      replay of other files and points than those that are reported, for finding rules and thresholds
 *   --alone          replay without the opponent
 *   --trace FILE     appends all that was shown in the replay, file by file, as lines of JSON
 *   --requests FILE  writes the lengths of the requests that the replay has made of ours, and what they share
 *   --min-probability X  of the suggestions that are shown in the replay, instead of the default
 *   Each part has a section of its own in the document, which is for 0.5B; --limit, --variant, --draw, --alone, --trace and
 *   --min-probability leave it as it is, and so does one kind of infilling task without the other.
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

const PARTS = ['single', 'multi', 'replay', 'context', 'healing', 'kept'];
const ABLATIONS = ['rules'];
const VARIANTS = ['fast', 'fast7', 'exact'];

await runMain(async () => {
  const options = readOptions();
  const { data, only, limit, record, ablate, model, variant, json } = options;
  const { draw, alone, trace, requests, minProbability } = options;
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const reported = [limit, variant, draw, alone, trace, minProbability].every((each) => each === undefined);
  const modelPath = await ensureWeights(model);
  const args = {
    ...{ model, modelPath, variant: variant ?? 'fast', data },
    ...{ only: only ?? PARTS, ablate },
    ...(limit !== undefined && { limit }),
    ...((only ?? PARTS).some((part) => ['replay', 'context', 'healing', 'kept'].includes(part)) && {
      sources: await ensureReplaySources(),
    }),
    ...((only ?? PARTS).includes('replay') && {
      serverProgram: (await ensureNativeLlama(modelPath)).server,
    }),
    ...(record !== undefined && { record: resolve(record) }),
    ...{ draw, alone, traceFile: trace === undefined ? undefined : resolve(trace) },
    ...(requests !== undefined && { requestsFile: resolve(requests) }),
    ...(minProbability !== undefined && { options: { minProbability } }),
    ...(json !== undefined && { jsonFile: resolve(json) }),
    ...(reported && model === '0.5b' && { document: inCheckout('docs', 'BENCHMARKS.md') }),
  };
  const program = inCheckout('out', 'test', 'bench', 'completion', 'completionMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});

function readOptions() {
  const values = ['data', 'only', 'limit', 'record', 'ablate', 'model', 'variant', 'json', 'draw', 'trace'];
  const { 'min-probability': least, ...options } = readArguments(process.argv.slice(2), {
    values: [...values, 'requests', 'min-probability'],
    flags: ['alone'],
  });
  if (least !== undefined && !(Number(least) >= 0 && Number(least) <= 1))
    throw new ProvisionError(`--min-probability ${least} is not from 0 to 1.`);
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
    minProbability: least === undefined ? undefined : Number(least),
  };
}

function requireKnown(name, chosen, known) {
  const unknown = chosen.find((each) => !known.includes(each));
  if (unknown !== undefined)
    throw new ProvisionError(`--${name} ${unknown} is not known.`, `Choose from ${known.join(', ')}.`);
}
