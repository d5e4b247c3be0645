/**
 * Checks what package.json and package-lock.json promise to editors and to other machines. Prints each broken
 * promise; the exit code is 1 when there is one.
 *
 * usage: node scripts/check-manifest.mjs
 */
import { readFileSync } from 'node:fs';
import { inCheckout } from './lib/checkout.mjs';
import { manifestProblems } from './lib/manifestProblems.mjs';

const read = (name) => JSON.parse(readFileSync(inCheckout(name), 'utf8'));
const problems = manifestProblems(read('package.json'), read('package-lock.json'));
for (const problem of problems) console.error(`package.json: ${problem}`);
if (problems.length === 0) console.log('Manifest: sound');
process.exitCode = problems.length === 0 ? 0 : 1;
