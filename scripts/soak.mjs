/**
 * Soaks the engine: mixed requests, most of them withdrawn at random moments, through the real worker; then memory
 * must be what it was after the warm-up, within 5 %. Ends with 1 where it is not.
 *
 * usage: node scripts/soak.mjs [--model 0.5b|1.5b|FILE] [--requests N] [--seed S] [--threads T] [--variant V]
 *   --model       official weights, or a GGUF file (default: a tiny random model)
 *   --requests N  how many (default 2000)
 *   --seed S      whole number (default 1)
 *   --threads T   of the native library (default 2)
 *   --variant V   auto, fast, fast7 or exact (default auto)
 */
import { join, resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { cacheRoot } from './lib/cacheRoot.mjs';
import { checkout, inCheckout } from './lib/checkout.mjs';
import { runVisibly } from './lib/command.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { MODELS } from './lib/models.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { wholeNumber } from './lib/wholeNumber.mjs';

const VARIANTS = ['auto', 'fast', 'fast7', 'exact'];

await runMain(async () => {
  const {
    model,
    requests = '2000',
    seed = '1',
    threads = '2',
    variant = 'auto',
  } = readArguments(process.argv.slice(2), { values: ['model', 'requests', 'seed', 'threads', 'variant'] });
  if (!VARIANTS.includes(variant)) throw new ProvisionError(`--variant is one of ${VARIANTS.join(', ')}.`);
  await ensureDependencies();
  await ensureBuild({ tests: true });
  const order = {
    ...(await chooseModel(model)),
    requests: wholeNumber('requests', requests),
    seed: wholeNumber('seed', seed),
    threads: wholeNumber('threads', threads),
    variant,
  };
  const program = inCheckout('out', 'test', 'soak', 'soakMain.js');
  return runVisibly(process.execPath, ['--enable-source-maps', program, JSON.stringify(order)], {
    cwd: checkout,
  });
});

/** Converted files of real weights are kept where the extension keeps them; those of the tiny model are not. */
async function chooseModel(model) {
  if (model === undefined) return { modelPath: inCheckout('test', 'fixtures', 'tiny', 'tiny-untied.gguf') };
  const modelPath = Object.hasOwn(MODELS, model) ? await ensureWeights(model) : resolve(model);
  return { modelPath, cacheDir: join(cacheRoot(), 'converted') };
}
