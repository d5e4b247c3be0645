import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openConvertedModel } from '../../../src/inference/store/convertedModel';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { startTestProcess } from '../../support/childProcess';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

describe('the native library’s telemetry', function () {
  this.timeout(30_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const cacheDir = () => join(folder.path, 'ours');

  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  /** What a process leaves in a home of its own beside our own cache. */
  async function leftBy(bare?: string): Promise<string[]> {
    // Nothing else of this process's environment: the library is silent by itself where it sees a variable of a CI.
    const home = join(folder.path, 'home');
    const { PATH, SystemRoot } = process.env;
    const env = { PATH, SystemRoot, HOME: home, XDG_CACHE_HOME: join(home, '.cache') };
    const { ended } = startTestProcess(
      'support/telemetryMain',
      [JSON.stringify({ cacheDir: cacheDir(), bare })],
      env,
    );
    const { code, output } = await ended;
    assert.equal(code, 0, output);
    return readdir(home, { recursive: true }).catch(() => []);
  }

  it('is refused: the engine leaves no file outside of its own folder', async () => {
    assert.deepEqual(await leftBy(), []);
  });

  it('would be there otherwise', async function () {
    if (process.platform !== 'linux') this.skip();
    const source = await readGguf(TINY_TIED);
    const sha256 = await weightsIdentity(TINY_TIED, cacheDir());
    const { modelFile } = await openConvertedModel({
      source,
      sha256,
      variant: 'exact',
      cacheDir: cacheDir(),
    });
    const left = await leftBy(modelFile);
    assert.ok(
      left.some((path) => path.includes('onnxruntime')),
      `nothing but ${left.join()}: has the library changed its ways?`,
    );
  });
});
