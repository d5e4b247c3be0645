import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { inCheckout } from './checkout.mjs';
import { findProgram, runQuietly } from './command.mjs';
import { installFolder } from './installFolder.mjs';
import { npm } from './npmCommand.mjs';
import { ProvisionError } from './provisionError.mjs';

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
      const python = findProgram(['python3', 'python']);
      if (python === undefined)
        throw new ProvisionError('The benchmark of the commands needs Python 3 with pip.');
      const pip = (args, label) =>
        runQuietly(python, ['-m', 'pip', '--disable-pip-version-check', ...args], { label });
      const install = ['install', '--no-deps', '--require-hashes'];
      const sources = join(into, 'python');
      await pip([...install, '--target', sources, '-r', from(LISTS[0])], 'pip install of the Python sources');
      // Without a pip of its own, whose scripts would not survive the renaming of the folder.
      const environment = join(into, 'python-env');
      await runQuietly(python, ['-m', 'venv', '--without-pip', environment], { label: 'python -m venv' });
      const program = join(
        environment,
        ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
      );
      await pip(['--python', program, ...install, '-r', from(LISTS[1])], 'pip install of pytest');
      const typescript = join(into, 'typescript');
      mkdirSync(typescript);
      for (const name of ['package.json', 'package-lock.json'])
        copyFileSync(from(name), join(typescript, name));
      await npm(['ci', '--ignore-scripts'], { cwd: typescript, label: 'npm ci of the TypeScript sources' });
    },
  });
  return folder;
}
