/**
 * Measures the engine beside llama.cpp (docs/BENCHMARKS.md says what and how), after bringing what that needs, and
 * writes the tables into docs/BENCHMARKS.md. Takes some twenty minutes; leave the machine alone meanwhile.
 *
 * usage: node scripts/bench.mjs [--quick] [--model 0.5b|1.5b] [--variants LIST] [--rounds N] [--json FILE] [--all FILE] [--plot]
 *   --quick          only shows that everything runs: too few rounds for numbers, and the document stays as it is
 *   --model SIZE     default: 0.5b; each has a section of its own in the document
 *   --variants LIST  of our engine, separated by commas, the one that all is measured with first; default: fast,exact
 *   --rounds N       default: 5
 *   --json FILE      write the main numbers there, beside those of llama.cpp
 *   --plot           draw the charts in docs/ anew
 *   --all FILE       write every single number there
 */
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBenchDependencies } from './lib/ensureBenchDependencies.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureEditSources } from './lib/ensureEditSources.mjs';
import { ensureNativeLlama } from './lib/ensureNativeLlama.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { MODELS } from './lib/models.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';

const VARIANTS = ['fast', 'fast7', 'exact'];

await runMain(async () => {
  const { quick, json, all, plot, model, variants, rounds } = readOptions();
  await ensureDependencies();
  await ensureBenchDependencies();
  await ensureBuild({ tests: true });
  const modelPath = await ensureWeights(model);
  const args = {
    ...{ quick, model, modelPath, variants },
    native: await nativeLlama(modelPath),
    ...(rounds !== undefined && { rounds: Number(rounds) }),
    edits: await ensureEditSources(),
    workload: inCheckout('test', 'fixtures', 'workload', 'completion.json'),
    conversations: inCheckout('test', 'fixtures', 'workload', 'chat.json'),
    ...(json !== undefined && { jsonFile: resolve(json) }),
    ...(all !== undefined && { allFile: resolve(all) }),
    ...(plot === true && { plots: inCheckout('docs') }),
    ...(!quick && { document: inCheckout('docs', 'BENCHMARKS.md') }),
  };
  const program = inCheckout('out', 'test', 'bench', 'benchMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});

function readOptions() {
  const known = { values: ['json', 'all', 'model', 'variants', 'rounds'], flags: ['quick', 'plot'] };
  const {
    quick,
    json,
    all,
    plot,
    model = '0.5b',
    variants = 'fast,exact',
    rounds,
  } = readArguments(process.argv.slice(2), known);
  if (!Object.hasOwn(MODELS, model)) {
    throw new ProvisionError(
      `There is no model ${model}.`,
      `Choose one of ${Object.keys(MODELS).join(', ')}.`,
    );
  }
  const list = [...new Set(variants.split(','))];
  const unknown = list.find((variant) => !VARIANTS.includes(variant));
  if (unknown !== undefined) {
    throw new ProvisionError(`There is no variant ${unknown}.`, `Choose from ${VARIANTS.join(', ')}.`);
  }
  if (rounds !== undefined && !/^[1-9][0-9]?$/.test(rounds)) {
    throw new ProvisionError(`${rounds} is no number of rounds.`, 'Choose from 1 to 99.');
  }
  return { quick: quick === true, json, all, plot, model, variants: list, rounds };
}

/** The rest of the comparison is worth having without it. */
async function nativeLlama(modelPath) {
  try {
    return await ensureNativeLlama(modelPath);
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;
    console.log(`llama.cpp, built natively: left out of this run. ${error.message}`);
    if (error.remedy) console.log(`  To have it: ${error.remedy}`);
    return { missing: error.message.split('\n')[0] };
  }
}
