import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { inCheckout } from './checkout.mjs';
import { installFolder } from './installFolder.mjs';
import { npm } from './npmCommand.mjs';
import { makePythonEnvironment } from './pythonEnvironment.mjs';

const FILES = ['package.json', 'package-lock.json'];
const PYTEST = '8.4.2';

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(inCheckout('test', 'runners', 'package-lock.json')))
    .update(PYTEST)
    .digest('hex')
    .slice(0, 12);

/**
 * Where the test frameworks lie that `test/runners` and the browser tests run: in no dependency of the product.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} a folder with `node_modules` and `python`, an environment with pytest; it may not be there yet
 */
export const testRunners = (env = process.env) => join(cacheRoot(env), 'tools', `test-runners-${lockHash()}`);

/**
 * Installs them, as `test/runners/package-lock.json` says, and pytest. Cheap where they are.
 * @throws {import('./provisionError.mjs').ProvisionError}
 */
export async function ensureTestRunners() {
  await installFolder({
    name: 'Test frameworks',
    folder: testRunners(),
    versions: { lock: lockHash(), platform: `${process.platform}-${process.arch}` },
    install: async (folder) => {
      for (const name of FILES) copyFileSync(inCheckout('test', 'runners', name), join(folder, name));
      await npm(['ci', '--ignore-scripts'], { cwd: folder, label: 'installing the test frameworks' });
      await makePythonEnvironment(
        join(folder, 'python'),
        ['--quiet', `pytest==${PYTEST}`],
        'installing pytest',
      );
    },
  });
}
