import { cacheRoot } from './cacheRoot.mjs';
import { checkout } from './checkout.mjs';
import { modelPath } from './models.mjs';
import { testRunners } from './testRunners.mjs';

/**
 * What every suite finds in its environment, wherever it runs.
 * @param {string} resultFile where `mochaReporter.cjs` writes the counts
 * @param {string} [grep] narrows the tests
 * @returns {Record<string, string>}
 */
export function testEnvironment(resultFile, grep) {
  return {
    MOCHA_RESULT: resultFile,
    QWEN_CODER_CHECKOUT: checkout,
    QWEN_CODER_HOME: cacheRoot(),
    QWEN_CODER_TEST_MODEL: modelPath(),
    QWEN_CODER_TEST_RUNNERS: testRunners(),
    ...(grep === undefined ? {} : { QWEN_CODER_TEST_GREP: grep }),
  };
}
