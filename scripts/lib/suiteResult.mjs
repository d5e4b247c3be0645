import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {{
 *   passed: number,
 *   failed: number,
 *   skipped: readonly string[],
 *   retried?: readonly string[],
 *   failures?: readonly string[],
 *   problem?: string,
 * }} SuiteResult
 *   `retried` names tests with a failed first try, `failures` those that failed in the end, each with what was
 *   wrong; `problem` says why the suite itself failed, where it did
 */

/**
 * Runs something that runs mocha with `mochaReporter.cjs`, and reads the counts. A suite that ended without counts,
 * ran no test, or whose exit code disagrees with its counts is one failure: nothing that did not run may pass.
 * @param {(resultFile: string) => Promise<number>} run starts the suite with MOCHA_RESULT set; returns its exit code
 * @returns {Promise<SuiteResult>}
 */
export async function collectSuite(run) {
  const folder = mkdtempSync(join(tmpdir(), 'qwen-coder-suite-'));
  const file = join(folder, 'result.json');
  try {
    const code = await run(file);
    return judge(code, readCounts(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} code
 * @param {SuiteResult | undefined} counts
 * @returns {SuiteResult}
 */
export function judge(code, counts) {
  if (counts === undefined) {
    return { passed: 0, failed: 1, skipped: [], problem: `ended with code ${code} before all tests had run` };
  }
  if (counts.passed + counts.failed === 0) return { ...counts, failed: 1, problem: 'ran no test' };
  if (code !== 0 && counts.failed === 0) return { ...counts, failed: 1, problem: `ended with code ${code}` };
  return counts;
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The line that a CI reads, alone on its line.
 * @param {SuiteResult} result
 * @returns {string}
 */
export const summaryLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`;
