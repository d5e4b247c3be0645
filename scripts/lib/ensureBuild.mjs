import { checkout, inCheckout } from './checkout.mjs';
import { runQuietly } from './command.mjs';

/**
 * Bundles the extension into `dist/`, and with `tests` the suites into `out/test/`.
 * @param {{ tests?: boolean }} [options]
 * @throws {import('./provisionError.mjs').ProvisionError} with esbuild's message
 */
export async function ensureBuild({ tests = false } = {}) {
  const started = Date.now();
  await runQuietly(process.execPath, [inCheckout('esbuild.mjs'), ...(tests ? ['--tests'] : [])], {
    cwd: checkout,
    label: 'building with esbuild',
    remedy: 'Correct the source named above.',
  });
  console.log(`Build: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
