/** What is known of a test after a run, and what a run leaves. */

/**
 * `failed`: it ran and something was not as expected, or the code under test raised an error of its own: that may be a
 * bug found. `error`: the test itself does not run.
 */
export type TestStatus = 'passed' | 'failed' | 'error';

export interface TestResult {
  readonly name: string;
  readonly status: TestStatus;
  /** One line or a few, for people and for a repair. */
  readonly message: string;
}

/** A generated test that skips itself checks nothing. */
export const SKIPPED = { status: 'error', message: 'it is skipped' } as const;

export interface RunOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The report file, where the runner wrote one. */
  readonly report: string;
  /** Tests that were left out of the run because the file does not compile with them. */
  readonly notCompiled?: readonly TestResult[];
}
