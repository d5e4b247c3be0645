import { existsSync } from 'node:fs';
import { checkout, inCheckout } from './checkout.mjs';
import { runVisibly } from './command.mjs';
import { ensureBuild } from './ensureBuild.mjs';
import { ensureChromium } from './ensureChromium.mjs';
import { ensureEditorHost } from './ensureEditorHost.mjs';
import { ensureWeights } from './ensureWeights.mjs';
import { globSync } from './glob.mjs';
import { collectSuite } from './suiteResult.mjs';
import { testEnvironment } from './testEnvironment.mjs';
import { ensureTestRunners } from './testRunners.mjs';
import { buildVsix } from './vsix/buildVsix.mjs';
import { hostTarget } from './vsix/targets.mjs';

/**
 * @typedef {import('./suiteResult.mjs').SuiteResult} SuiteResult
 * @typedef {{ provide: () => Promise<unknown>, run: (grep?: string) => Promise<SuiteResult> }} TestPart
 *   `provide` brings what the part needs; it is cheap where that is there
 */

/** The compiled tests need a build; one per run of this program is enough. */
let built;
const buildTests = () => (built ??= ensureBuild({ tests: true }));

/**
 * The parts of the test suite, from the cheapest to the dearest.
 * @type {Readonly<Record<string, TestPart>>}
 */
export const TEST_PARTS = Object.freeze({
  check: { provide: async () => undefined, run: runChecks },
  unit: { provide: buildTests, run: (grep) => runMocha('unit', grep) },
  model: {
    provide: async () => {
      await buildTests();
      await ensureWeights();
    },
    run: (grep) => runMocha('model', grep),
  },
  runners: {
    provide: async () => {
      await buildTests();
      await ensureTestRunners();
    },
    run: (grep) => runMocha('runners', grep),
  },
  integration: {
    provide: provideEditor,
    run: async (grep) => {
      // Loaded late: it needs an installed dependency.
      const { runIntegrationSuite } = await import('./integrationSuite.mjs');
      return collectSuite((file) => runIntegrationSuite(file, { grep }));
    },
  },
  e2e: {
    provide: async () => {
      await provideEditor();
      await ensureTestRunners();
    },
    run: async (grep) => {
      const vsix = await buildVsix(hostTarget());
      return runMocha('e2e', grep, { QWEN_CODER_TEST_VSIX: vsix }, 1);
    },
  },
});

async function provideEditor() {
  await buildTests();
  await ensureEditorHost();
  await ensureChromium();
  await ensureWeights();
}

/** Each of the checks counts as one test. */
async function runChecks() {
  const steps = ['typecheck', 'lint', 'format:check', 'check:manifest'];
  const failed = [];
  for (const step of steps) {
    console.log(`npm run ${step}`);
    const code = await runVisibly('npm', ['run', '--silent', step], {
      cwd: checkout,
      shell: process.platform === 'win32',
    });
    if (code !== 0) failed.push(step);
  }
  const problem = failed.length === 0 ? {} : { problem: `failed in ${failed.join(', ')}` };
  return { passed: steps.length - failed.length, failed: failed.length, skipped: [], ...problem };
}

/**
 * Runs the bundled tests of a folder in a mocha of their own, in plain Node.
 * @param {number} retries how often a test that fails is tried again; more than none only where a browser is driven
 */
async function runMocha(part, grep, env = {}, retries = 0) {
  const files = globSync([inCheckout('out', 'test', part)], '.test.js').filter(hasSource);
  if (files.length === 0) return { passed: 0, failed: 1, skipped: [], problem: 'has no test files' };
  return collectSuite((resultFile) =>
    runVisibly(
      process.execPath,
      [
        inCheckout('node_modules', 'mocha', 'bin', 'mocha.js'),
        ...['--reporter', inCheckout('scripts', 'lib', 'mochaReporter.cjs')],
        ...['--retries', String(retries)],
        ...(grep === undefined ? [] : ['--grep', grep]),
        ...files,
      ],
      { cwd: checkout, env: { ...process.env, ...testEnvironment(resultFile, grep), ...env } },
    ),
  );
}

/** A bundle whose source was renamed or deleted stays behind in `out/`; it is no test any more. */
function hasSource(path) {
  return existsSync(path.replace(inCheckout('out'), checkout).replace(/\.js$/, '.ts'));
}
