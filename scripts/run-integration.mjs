/**
 * Runs the suite in the extension host of a real editor (code-server in Chromium), and returns its exit code.
 *
 * usage: node scripts/run-integration.mjs [--grep TEXT] [--verbose]
 */
import { readArguments } from './lib/arguments.mjs';
import { ensureBuild } from './lib/ensureBuild.mjs';
import { ensureChromium } from './lib/ensureChromium.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ensureEditorHost } from './lib/ensureEditorHost.mjs';
import { ensureWeights } from './lib/ensureWeights.mjs';
import { runMain } from './lib/provisionError.mjs';
import { collectSuite, summaryLine } from './lib/suiteResult.mjs';

await runMain(async () => {
  const { grep, verbose } = readArguments(process.argv.slice(2), { values: ['grep'], flags: ['verbose'] });
  await ensureDependencies();
  await ensureBuild({ tests: true });
  await ensureEditorHost();
  await ensureChromium();
  await ensureWeights();
  const { runIntegrationSuite } = await import('./lib/integrationSuite.mjs');
  const result = await collectSuite((file) => runIntegrationSuite(file, { grep, verbose: verbose === true }));
  if (result.problem) console.error(`The suite ${result.problem}.`);
  console.log(summaryLine(result));
  return result.failed === 0 ? 0 : 1;
});
