/**
 * Measures the engine beside llama.cpp (docs/BENCHMARKS.md says what and how), after bringing what that needs, and
 * writes the tables into docs/BENCHMARKS.md. Takes some ten minutes; leave the machine alone meanwhile.
 *
 * usage: node scripts/bench.mjs [--quick] [--json FILE]
 *   --quick      only shows that everything runs: too few rounds for numbers, and the document stays as it is
 *   --json FILE  write all numbers there
 */
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBenchDependencies } from './lib/ensureBenchDependencies.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { runMain } from './lib/provisionError.mjs';

await runMain(async () => {
  const { quick, json } = readArguments(process.argv.slice(2), { values: ['json'], flags: ['quick'] });
  await ensureDependencies();
  await ensureBenchDependencies();
  await ensureBuild({ tests: true });
  const modelPath = await ensureWeights();
  const args = {
    quick: quick === true,
    modelPath,
    ...(json !== undefined && { jsonFile: resolve(json) }),
    ...(quick !== true && { document: inCheckout('docs', 'BENCHMARKS.md') }),
  };
  return runVisibly(
    process.execPath,
    [inCheckout('out', 'test', 'bench', 'benchMain.js'), JSON.stringify(args)],
    {
      cwd: checkout,
    },
  );
});
