/**
 * Entry of the suite inside the extension host: the editor loads this file and waits for `run`. Mocha runs every
 * bundled `*.test.js` beside it. Whoever opened the editor reads the counts from the file that MOCHA_RESULT names;
 * without it they are printed here.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** A first start converts the weights, which takes tens of seconds on a small machine. */
const TEST_TIMEOUT_MS = 120_000;

/**
 * Runs the suite. `QWEN_CODER_CHECKOUT` names the checkout, `QWEN_CODER_TEST_GREP` narrows the tests.
 *
 * @throws Error when a test failed, which becomes the exit code 1
 */
export async function run(): Promise<void> {
  const checkout = process.env['QWEN_CODER_CHECKOUT'];
  if (checkout === undefined) throw new Error('QWEN_CODER_CHECKOUT is not set');
  // Tests read fixtures relative to the checkout, here as in plain Node.
  process.chdir(checkout);
  const grep = process.env['QWEN_CODER_TEST_GREP'];
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: TEST_TIMEOUT_MS,
    color: false,
    forbidOnly: true,
    // An editor under load is late at times: such a test is tried once more, and named at the end.
    retries: 1,
    reporter: join(checkout, 'scripts', 'lib', 'mochaReporter.cjs'),
    ...(grep === undefined ? {} : { grep }),
  });
  // A bundle whose source was renamed or deleted stays behind; it is no test any more.
  const hasSource = (name: string) =>
    existsSync(join(checkout, 'test', 'integration', name.replace(/\.js$/, '.ts')));
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.test.js') && hasSource(name),
  );
  for (const file of files.sort()) mocha.addFile(join(__dirname, file));
  const { passes, failures } = await new Promise<Mocha.Stats>((resolve, reject) => {
    const runner = mocha.run(() => {
      if (runner.stats === undefined) reject(new Error('mocha kept no statistics'));
      else resolve(runner.stats);
    });
  });
  if (process.env['MOCHA_RESULT'] === undefined) console.log(`${passes} passed, ${failures} failed`);
  if (failures > 0) throw new Error(`${failures} failed`);
}
