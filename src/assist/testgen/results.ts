/** What a test runner says, per test. */
import { cargoResults, goResults, surefireResults } from './compiledResults';
import type { FrameworkId } from './framework';
import { pytestResults, unittestResults } from './pythonResults';
import { jestResults, mochaResults, tapResults } from './scriptResults';
import type { RunOutput, TestResult } from './testResult';

export type { RunOutput, TestResult, TestStatus } from './testResult';

/**
 * A file that cannot be loaded at all is one result `error` under its own name, or, for pytest and unittest, under the
 * name of its module.
 *
 * @param testFile name of the test file without folders: an error whose last place is in it is the test's own
 */
export function readResults(id: FrameworkId, output: RunOutput, testFile: string): TestResult[] {
  const missing = /npx canceled due to missing packages[^[]*\["([^@"]+)/.exec(output.stderr)?.[1];
  if (missing !== undefined) {
    const message = `${missing} is not installed in this project. Install it: npm install --save-dev ${missing}`;
    return [{ name: testFile, status: 'error', message }];
  }
  switch (id) {
    case 'pytest':
      return pytestResults(output, testFile);
    case 'unittest':
      return unittestResults(output, testFile);
    case 'vitest':
    case 'jest':
      return [...jestResults(output, testFile), ...(output.notCompiled ?? [])];
    case 'mocha':
      return mochaResults(output, testFile);
    case 'node:test':
      return tapResults(output, testFile);
    case 'go':
      return goResults(output, testFile);
    case 'cargo':
      return cargoResults(output, testFile);
    case 'junit':
      return surefireResults(output, testFile);
    case 'generic':
      return [];
  }
}
