import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inCheckout } from './checkout.mjs';
import { withLock } from './lock.mjs';
import { npm } from './npmCommand.mjs';

/**
 * Makes `test/bench/node_modules` what its lock says: llama.cpp as the benchmarks compare with it, some 120 MB that
 * nothing else needs. Cheap where it already is.
 * @throws {import('./provisionError.mjs').ProvisionError}
 */
export async function ensureBenchDependencies() {
  const folder = inCheckout('test', 'bench');
  const stamp = inCheckout('test', 'bench', 'node_modules', '.lock-hash');
  const wanted = createHash('sha256')
    .update(readFileSync(inCheckout('test', 'bench', 'package-lock.json')))
    .digest('hex');
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (!isInstalled()) {
    await withLock(inCheckout('.cache', 'bench-dependencies.lock'), 'Benchmark dependencies', async () => {
      if (isInstalled()) return;
      await npm(['ci', '--ignore-scripts'], { cwd: folder, label: 'npm ci in test/bench' });
      writeFileSync(stamp, wanted);
    });
  }
  console.log('Benchmark dependencies: up to date');
}
