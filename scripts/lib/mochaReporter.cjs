'use strict';
/**
 * Mocha's spec output, and beside it the counts and the names of the tests that failed, were tried twice or were
 * skipped, as JSON in the file that MOCHA_RESULT names, so that whoever started the suite need not read
 * the text. A suite that crashes leaves no such file.
 */
const { writeFileSync } = require('node:fs');
const { Runner, reporters } = require('mocha');

module.exports = class CountingReporter extends reporters.Spec {
  /**
   * @param {import('mocha').Runner} runner
   * @param {import('mocha').MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const target = process.env.MOCHA_RESULT;
    if (!target) return;
    const skipped = [];
    const retried = [];
    const failures = [];
    runner.on(Runner.constants.EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => retried.push(named(test, error)));
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => failures.push(named(test, error)));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes: passed, failures: failed } = runner.stats;
      writeFileSync(target, JSON.stringify({ passed, failed, skipped, retried, failures }));
    });
  }
};

/** A test and the first line of what was wrong. */
function named(test, error) {
  const [line] = String(error?.message ?? error).split('\n', 1);
  return `${test.fullTitle()}: ${line.slice(0, 300)}`;
}
