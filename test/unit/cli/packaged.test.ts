/** The command line as a packaged extension has it: nothing of the checkout is there but what is staged. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runCli } from '../../support/cliProcess';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

describe('the command line of a packaged extension', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let cli: string;

  before(async () => {
    folder = await temporaryFolder();
    const staged = join(folder.path, 'extension');
    const stage = pathToFileURL(resolve('scripts/lib/vsix/stageVsix.mjs')).href;
    const target = `${process.platform}-${process.arch}`;
    const script = `import { stageVsix } from ${JSON.stringify(stage)}; await stageVsix(...process.argv.slice(1));`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, target, staged]);
    cli = join(staged, 'dist', 'cli.js');
  });
  after(() => folder.remove());

  it('runs a model with the native library that is enclosed', async () => {
    const words = ['generate', 'hello', '--model', TINY_TIED, '--variant', 'exact', '--max-tokens', '5'];
    const env = { QWEN_CODER_HOME: join(folder.path, 'home'), NODE_PATH: '' };
    const { code, stdout, stderr } = await runCli(words, { cli, env });
    assert.equal(code, 0, stderr);
    assert.ok(stdout.length > 1);
  });

  it('knows its version, and runs by the name that npm gives it', async function () {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string; bin: unknown };
    assert.deepEqual(manifest.bin, { 'qwen-coder': './dist/cli.js' });
    if (process.platform === 'win32') this.skip();
    await access(cli, constants.X_OK);
    const command = join(folder.path, 'qwen-coder');
    await symlink(cli, command);
    const { stdout } = await promisify(execFile)(command, ['--version']);
    assert.equal(stdout, `${manifest.version}\n`);
  });
});
