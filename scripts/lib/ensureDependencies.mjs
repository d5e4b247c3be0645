import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { checkout, inCheckout } from './checkout.mjs';
import { withLock } from './lock.mjs';
import { npm } from './npmCommand.mjs';
import { ProvisionError } from './provisionError.mjs';

/** The oldest Node that package.json's `engines` admits. */
const OLDEST_NODE = [20, 9];

/**
 * Makes `node_modules` what `package-lock.json` says. Cheap where it already is: the lock's hash is kept in a stamp,
 * and an install made by hand is recognised by npm's own record.
 * @throws {ProvisionError}
 */
export async function ensureDependencies() {
  requireNode();
  if (isStamped() || adoptInstalled()) {
    console.log('Dependencies: up to date');
    return;
  }
  await withLock(inCheckout('.cache', 'dependencies.lock'), 'Dependencies', async () => {
    if (isStamped()) return;
    console.log('Dependencies: npm ci');
    await npm(['ci', '--ignore-scripts'], { cwd: checkout, label: 'npm ci' });
    writeFileSync(stampPath(), lockHash());
  });
  console.log('Dependencies: installed');
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new ProvisionError(
    `Node ${process.versions.node} is too old.`,
    `Install Node ${OLDEST_NODE.join('.')} or later.`,
  );
}

const stampPath = () => inCheckout('node_modules', '.lock-hash');

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(inCheckout('package-lock.json')))
    .digest('hex');

const isStamped = () => existsSync(stampPath()) && readFileSync(stampPath(), 'utf8') === lockHash();

/** npm writes its record as the last step of an install, so a record that agrees means a whole install. */
function adoptInstalled() {
  const record = inCheckout('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(inCheckout('package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  for (const [path, { version, optional, devOptional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const there = installed[path]?.version;
    // What is optional may be missing: it belongs to another platform.
    if (there !== version && !((optional || devOptional) && there === undefined)) return false;
  }
  writeFileSync(stampPath(), lockHash());
  return true;
}
