import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { openConvertedModel } from '../../../src/inference/store/convertedModel';
import { noteUncleanEnd } from '../../../src/inference/store/uncleanEnd';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { seededRandom } from '../../../src/inference/random';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

/** Ways to damage a file of so many bytes, at places that are the same in every run. */
function damages(bytes: number, random: () => number): Record<string, (content: Buffer) => Buffer> {
  const place = () => Math.floor(random() * bytes);
  const all: Record<string, (content: Buffer) => Buffer> = {
    'cut off entirely': () => Buffer.alloc(0),
    'without its last byte': (content) => content.subarray(0, -1),
    'longer by a byte': (content) => Buffer.concat([content, Buffer.from([0])]),
  };
  for (let round = 0; round < 4; round++) {
    const end = place();
    const at = place();
    const bit = 1 << Math.floor(random() * 8);
    all[`cut off at byte ${end}`] = (content) => content.subarray(0, end);
    all[`with bit ${bit} of byte ${at} changed`] = (content) => {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] ?? 0) ^ bit;
      return changed;
    };
  }
  return all;
}

describe('a file of the cache that was damaged', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let model: string;
  let cacheDir: string;
  let good: Opened;

  interface Opened {
    readonly sha256: string;
    readonly maxPositions: number;
    readonly graph: Buffer;
    readonly data: Buffer;
  }

  async function open(): Promise<Opened> {
    const sha256 = await weightsIdentity(model, cacheDir);
    const source = await readGguf(model);
    const { modelFile, maxPositions } = await openConvertedModel({
      source,
      sha256,
      variant: 'fast',
      cacheDir,
    });
    return {
      sha256,
      maxPositions,
      graph: await readFile(modelFile),
      data: await readFile(`${modelFile}.data`),
    };
  }

  before(async () => {
    folder = await temporaryFolder();
    model = join(folder.path, 'model.gguf');
    cacheDir = join(folder.path, 'converted');
    await copyFile(TINY_TIED, model);
    good = await open();
    assert.ok(await noteUncleanEnd(cacheDir));
    await open();
  });
  after(() => folder.remove());

  /** All that the cache holds now. */
  async function cacheFiles(): Promise<string[]> {
    const paths = (await readdir(cacheDir, { recursive: true })).map((name) => join(cacheDir, name));
    const isFile = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
    return paths.filter((_, index) => isFile[index]);
  }

  it('is made anew or does not matter: never are the numbers other than they must be', async () => {
    const random = seededRandom(7);
    const names = (await cacheFiles()).map((path) => path.slice(cacheDir.length + 1));
    assert.equal(names.length, 5, names.join(' '));
    let tried = 0;
    for (const name of names) {
      const path = join(cacheDir, name);
      for (const [what, damage] of Object.entries(damages((await stat(path)).size, random))) {
        await writeFile(path, damage(await readFile(path)));
        assert.deepEqual(await open(), good, `${name} ${what}`);
        assert.deepEqual(await open(), good, `${name} ${what}, opened again`);
        tried++;
      }
      await rm(path);
      assert.deepEqual(await open(), good, `${name} removed`);
      if (name === 'unclean-end.json') await noteUncleanEnd(cacheDir);
    }
    assert.equal(tried, 5 * 11);
  });

  it('may stand where a folder or a file should be', async () => {
    const converted = (await readdir(cacheDir)).find((name) => name.startsWith(good.sha256)) ?? '';
    await rm(join(cacheDir, converted), { recursive: true });
    await writeFile(join(cacheDir, converted), 'a file');
    assert.deepEqual(await open(), good);
    const [manifest = ''] = (await cacheFiles()).filter((path) => path.endsWith('manifest.json'));
    await rm(manifest);
    await mkdir(manifest);
    assert.deepEqual(await open(), good);
  });

  it('is, where it is the GGUF itself, another model or none, with a code', async () => {
    const random = seededRandom(8);
    const whole = await readFile(TINY_TIED);
    let refused = 0;
    for (const [what, damage] of Object.entries(damages(whole.length, random))) {
      await writeFile(model, damage(whole));
      const sha256 = await weightsIdentity(model, cacheDir);
      assert.notEqual(sha256, good.sha256, what);
      await open().then(
        (opened) => assert.notEqual(opened.sha256, good.sha256, what),
        (error: unknown) => {
          assert.ok(error instanceof EngineError, `${what}: ${String(error)}`);
          assert.ok(['model-corrupt', 'model-unsupported'].includes(error.code), `${what}: ${error.code}`);
          refused++;
        },
      );
    }
    assert.ok(refused >= 6, `${refused} refused`);
    await writeFile(model, whole);
    assert.deepEqual(await open(), good);
  });
});
