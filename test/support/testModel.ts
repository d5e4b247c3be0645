/**
 * Path of the real weights that tests run with; the test scripts set it after making sure that the file is there.
 * @throws Error where it is not set
 */
export function testModelPath(): string {
  const path = process.env['QWEN_CODER_TEST_MODEL'];
  if (path === undefined || path === '') {
    throw new Error('QWEN_CODER_TEST_MODEL is not set: run these tests by `npm run test:model`.');
  }
  return path;
}
