'use strict';
/**
 * Mocha's spec output, and beside it the counts as JSON in the file that MOCHA_RESULT names, so that whoever started
 * the suite need not read them out of the text. A suite that crashes leaves no such file.
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
    runner.on(Runner.constants.EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = runner.stats;
      writeFileSync(target, JSON.stringify({ passed: passes, failed: failures, skipped }));
    });
  }
};
