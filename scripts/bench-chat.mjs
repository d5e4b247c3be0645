/**
 * Measures chat beside `llama-server` and what a suggestion costs while an answer is written, and writes the tables into
 * docs/BENCHMARKS.md. Takes some two minutes; leave the machine alone meanwhile.
 *
 * usage: node scripts/bench-chat.mjs [--model 0.5b|1.5b] [--rounds N] [--json FILE] [--requests FILE]
 *   --requests FILE  only holds conversations about files of this project, and writes their lengths in tokens
 */
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureNativeLlama } from './lib/ensureNativeLlama.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';

await runMain(async () => {
  const known = { values: ['json', 'model', 'requests', 'rounds'], flags: [] };
  const options = readArguments(process.argv.slice(2), known);
  const { json, model = '0.5b', requests, rounds = '5' } = options;
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const modelPath = await ensureWeights(model);
  const native = await ensureNativeLlama(modelPath).catch((error) => {
    if (!(error instanceof ProvisionError)) throw error;
    console.log(`llama.cpp, built natively: left out of this run. ${error.message}`);
    return undefined;
  });
  const args = {
    ...{ model, modelPath, rounds: Number(rounds), document: inCheckout('docs', 'BENCHMARKS.md') },
    ...(native !== undefined && { server: native.server }),
    ...(json !== undefined && { jsonFile: resolve(json) }),
    ...(requests !== undefined && { requestsFile: resolve(requests) }),
  };
  const program = inCheckout('out', 'test', 'bench', 'chatMain.js');
  return runVisibly(process.execPath, [program, JSON.stringify(args)], { cwd: checkout });
});
