import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { inCheckout } from '../checkout.mjs';
import { runQuietly } from '../command.mjs';
import { withLock } from '../lock.mjs';
import { checkVsix } from './checkVsix.mjs';
import { stageVsix } from './stageVsix.mjs';

/** Entries of the archive bear this time (1 January 2020), so that the same contents make the same file. */
const SOURCE_DATE_EPOCH = '1577836800';

/**
 * Builds the VSIX of one platform as `build/qwen-coder-local-TARGET-VERSION.vsix`.
 * @param {string} target
 * @returns {Promise<string>} its path
 * @throws {import('../provisionError.mjs').ProvisionError} when it breaks a promise (size, contents)
 */
export async function buildVsix(target) {
  const { name, version, repository } = JSON.parse(readFileSync(inCheckout('package.json'), 'utf8'));
  const staged = inCheckout('build', `vsix-${target}`);
  const vsix = inCheckout('build', `${name}-${target}-${version}.vsix`);
  await withLock(`${staged}.lock`, `VSIX ${target}`, async () => {
    const started = Date.now();
    await stageVsix(target, staged);
    const unchecked = `${vsix}.unchecked`;
    await runVsce(target, staged, unchecked, repository);
    checkVsix(unchecked, target, staged);
    renameSync(unchecked, vsix);
    rmSync(staged, { recursive: true });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`VSIX ${target}: ${(statSync(vsix).size / 1e6).toFixed(1)} MB in ${seconds} s (${vsix})`);
  });
  return vsix;
}

function runVsce(target, staged, vsix, repository) {
  return runQuietly(
    process.execPath,
    [
      inCheckout('node_modules', '@vscode', 'vsce', 'vsce'),
      ...['package', '--target', target, '--out', vsix],
      // Everything is staged as it is to be; what lies in dist/node_modules is a file like any other.
      '--no-dependencies',
      '--allow-missing-repository',
      // A licence that is missing is found by the check of the result; vsce would ask a question about it.
      '--skip-license',
      // Without a repository there is nothing that relative links of the README could be rewritten to.
      ...(repository === undefined ? ['--no-rewrite-relative-links'] : []),
    ],
    { cwd: staged, label: `vsce package for ${target}`, env: { ...process.env, SOURCE_DATE_EPOCH } },
  );
}
