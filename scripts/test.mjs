/**
 * Runs the tests: everything, or the parts that are named, after bringing what they need (dependencies, build,
 * weights, editor host, Chromium). The last line is `N passed, N failed`; the exit code is 0 when nothing failed.
 *
 * usage: node scripts/test.mjs [PART...] [--grep TEXT]   (parts: check unit model runners integration e2e)
 */
import { readArguments } from './lib/arguments.mjs';
import { ensureDependencies } from './lib/ensureDependencies.mjs';
import { ProvisionError, runMain } from './lib/provisionError.mjs';
import { summaryLine } from './lib/suiteResult.mjs';
import { TEST_PARTS } from './lib/testParts.mjs';

await runMain(async () => {
  const words = process.argv.slice(2);
  const flagsAt = words.findIndex((word) => word.startsWith('--'));
  const named = flagsAt < 0 ? words : words.slice(0, flagsAt);
  const { grep } = readArguments(words.slice(named.length), { values: ['grep'] });
  const parts = chooseParts(named);
  await ensureDependencies();
  const results = [];
  for (const name of parts) results.push(await runPart(name, grep));
  return report(results);
});

function chooseParts(named) {
  const unknown = named.filter((name) => !Object.hasOwn(TEST_PARTS, name));
  if (unknown.length > 0) {
    throw new ProvisionError(
      `There is no part ${unknown.join(', ')}.`,
      `Parts: ${Object.keys(TEST_PARTS).join(' ')}`,
    );
  }
  return named.length > 0 ? named : Object.keys(TEST_PARTS);
}

/** A part that cannot be provided for is a failed one; the others still run. */
async function runPart(name, grep) {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  try {
    await TEST_PARTS[name].provide();
    return { name, ...(await TEST_PARTS[name].run(grep)), seconds: seconds() };
  } catch (error) {
    const known = error instanceof ProvisionError;
    console.error(known ? `Failed: ${error.message}` : error);
    if (known && error.remedy) console.error(`What to do: ${error.remedy}`);
    return { name, passed: 0, failed: 1, skipped: [], problem: 'could not run', seconds: seconds() };
  }
}

function report(results) {
  console.log('');
  for (const { name, passed, failed, skipped, retried = [], failures = [], problem, seconds } of results) {
    const note = problem === undefined ? '' : `  (${problem})`;
    console.log(`${name.padEnd(12)} ${passed} ok, ${failed} not ok, ${seconds.toFixed(1)} s${note}`);
    for (const title of skipped) console.log(`${' '.repeat(13)}skipped: ${title}`);
    for (const title of retried) console.log(`${' '.repeat(13)}tried again: ${title}`);
    for (const title of failures) console.log(`${' '.repeat(13)}failed: ${title}`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed') };
  console.log(summaryLine(total));
  return total.failed === 0 ? 0 : 1;
}
