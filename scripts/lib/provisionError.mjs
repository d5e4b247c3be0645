/** A step of the set-up failed: the message says what, the remedy what a person can do about it. */
export class ProvisionError extends Error {
  /**
   * @param {string} message
   * @param {string} [remedy]
   */
  constructor(message, remedy) {
    super(message);
    this.name = 'ProvisionError';
    this.remedy = remedy;
  }
}

/**
 * Runs a script's main function; a failure becomes a readable message and exit code 1 instead of a stack.
 * @param {() => Promise<number | void>} main its number, if any, becomes the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof ProvisionError)) throw error;
    console.error(`\nFailed: ${error.message}`);
    if (error.remedy) console.error(`What to do: ${error.remedy}`);
  }
}
