/**
 * Fuzzes the reader of model files: damaged and generated files must be read or refused with a typed error, without
 * hanging and without taking more memory than ten times the file and a constant. The same seed gives the same cases.
 *
 * usage: node scripts/fuzz.mjs [--cases N] [--from N] [--seed S] [--only N [--write FILE]]
 *   --cases N  how many (default 1000000, some ten minutes)
 *   --from N   number of the first (default 0), to go on where a run was ended
 *   --seed S   whole number (default 1)
 *   --only N   one case alone, with what comes of it; --write FILE keeps its file
 */
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { runMain } from './lib/provisionError.mjs';
import { wholeNumber } from './lib/wholeNumber.mjs';

await runMain(async () => {
  const options = readArguments(process.argv.slice(2), {
    values: ['cases', 'from', 'seed', 'only', 'write'],
  });
  const order = {
    seed: wholeNumber('seed', options.seed ?? '1'),
    from: wholeNumber('from', options.from ?? '0'),
    cases: wholeNumber('cases', options.cases ?? '1000000'),
    ...(options.only !== undefined && { only: wholeNumber('only', options.only) }),
    ...(options.write !== undefined && { write: resolve(options.write) }),
  };
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const program = inCheckout('out', 'test', 'fuzz', 'fuzzMain.js');
  return runVisibly(process.execPath, ['--enable-source-maps', program, JSON.stringify(order)], {
    cwd: checkout,
  });
});
