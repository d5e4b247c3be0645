import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { inCheckout } from './checkout.mjs';
import { installFolder } from './installFolder.mjs';
import { npm } from './npmCommand.mjs';
import { makePythonEnvironment, pip } from './pythonEnvironment.mjs';

/** Files of `test/bench/commands` that say what is installed, with versions and sums. */
const LISTS = ['requirements.txt', 'requirements-pytest.txt', 'package-lock.json'];

/**
 * Sources in Python and TypeScript that the benchmark of the commands draws functions from, and what runs tests of
 * them: installed into the cache, some 90 MB, by pip and npm.
 * @returns {Promise<string>} a folder with `python/` (packages), `python-env/` (an environment with pytest) and
 *   `typescript/node_modules/` (packages, vitest)
 * @throws {ProvisionError} without Python with pip and venv, or without network
 */
export async function ensureCodeSamples() {
  const folder = join(cacheRoot(), 'tools', 'code-samples');
  const from = (name) => inCheckout('test', 'bench', 'commands', name);
  const sums = LISTS.map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(from(name)))
      .digest('hex'),
  ]);
  await installFolder({
    name: 'Code samples',
    folder,
    versions: Object.fromEntries(sums),
    install: async (into) => {
      const install = ['--no-deps', '--require-hashes'];
      const sources = ['--target', join(into, 'python'), '-r', from(LISTS[0])];
      await pip(['install', ...install, ...sources], 'pip install of the Python sources');
      await makePythonEnvironment(
        join(into, 'python-env'),
        [...install, '-r', from(LISTS[1])],
        'pip install of pytest',
      );
      const typescript = join(into, 'typescript');
      mkdirSync(typescript);
      for (const name of ['package.json', 'package-lock.json'])
        copyFileSync(from(name), join(typescript, name));
      await npm(['ci', '--ignore-scripts'], { cwd: typescript, label: 'npm ci of the TypeScript sources' });
    },
  });
  return folder;
}
