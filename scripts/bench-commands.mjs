/**
 * Measures the commands that write code, with tests that really run, and writes the tables into docs/BENCHMARKS.md.
 * Takes some 20 minutes with 0.5B and an hour with 1.5B.
 *
 * usage: node scripts/bench-commands.mjs [--model 0.5b|1.5b] [--json FILE] [--count N] [--only KINDS] [--keep FOLDER]
 *                                       [--draw NAME]
 *   --count  functions per language instead of 20
 *   --only   some of python,typescript,diagnosed,fix,edit
 *   --keep   a folder for everything that was generated; answers of the plain prompt are taken from it
 *   --plain-only  makes only those answers
 *   --draw   other functions, drawn by another seed: prompts are tried on those, so that the reported ones stay unseen
 *   With --count, --draw or --only the document stays as it is.
 */
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureCodeSamples } from './lib/ensureCodeSamples.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { runMain } from './lib/provisionError.mjs';

await runMain(async () => {
  const known = { values: ['json', 'model', 'count', 'only', 'keep', 'draw'], flags: ['plain-only'] };
  const {
    json,
    model = '0.5b',
    count,
    only,
    keep,
    draw,
    'plain-only': plainOnly = false,
  } = readArguments(process.argv.slice(2), known);
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const args = {
    ...{ model, modelPath: await ensureWeights(model), samples: await ensureCodeSamples() },
    count: Number(count ?? 20),
    ...(!plainOnly &&
      [count, only, draw].every((each) => each === undefined) && {
        document: inCheckout('docs', 'BENCHMARKS.md'),
      }),
    ...(only !== undefined && { only }),
    ...(draw !== undefined && { draw }),
    ...(plainOnly && { plainOnly }),
    ...(keep !== undefined && { keep: resolve(keep) }),
    ...(json !== undefined && { jsonFile: resolve(json) }),
  };
  const program = inCheckout('out', 'test', 'bench', 'commands', 'commandsMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});
