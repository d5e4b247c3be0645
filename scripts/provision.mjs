/**
 * Brings everything that building, starting and testing need, and says so where it is there already. `npm start` and
 * `npm test` do the same by themselves; this is for doing it beforehand.
 *
 * usage: node scripts/provision.mjs [--weights 0.5b|1.5b]
 */
import { readArguments } from './lib/arguments.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureChromium } from './lib/ensureChromium.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureEditorHost } from './lib/ensureEditorHost.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { ensureTestRunners } from './lib/testRunners.mjs';
import { MODELS } from './lib/models.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';

await runMain(async () => {
  const { weights = '0.5b' } = readArguments(process.argv.slice(2), { values: ['weights'] });
  if (!Object.hasOwn(MODELS, weights)) {
    throw new ProvisionError(
      `There are no weights ${weights}.`,
      `Choose one of ${Object.keys(MODELS).join(', ')}.`,
    );
  }
  await ensureDependencies();
  await ensureBuild();
  await ensureEditorHost();
  await ensureChromium();
  await ensureTestRunners();
  await ensureWeights(weights);
});
