import assert from 'node:assert/strict';
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { openConvertedModel, type ConvertedModel } from '../../../src/inference/store/convertedModel';
import { NODE_FILES, type FileLayer } from '../../../src/inference/store/fileLayer';
import { noteUncleanEnd } from '../../../src/inference/store/uncleanEnd';
import { verifyModelWhenIdle } from '../../../src/inference/store/verifyModelWhenIdle';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

describe('openConvertedModel', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => void (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  const openModel = async (
    hooks: Partial<Parameters<typeof openConvertedModel>[0]> = {},
  ): Promise<ConvertedModel> =>
    openConvertedModel({
      source: await readGguf(TINY_TIED),
      sha256: await weightsIdentity(TINY_TIED, folder.path),
      variant: 'exact',
      cacheDir: folder.path,
      ...hooks,
    });
  const dataFile = async () => `${(await openModel()).modelFile}.data`;
  const folders = async () =>
    (await readdir(folder.path, { withFileTypes: true })).filter((entry) => entry.isDirectory());

  it('converts once', async () => {
    assert.ok((await openModel()).convertMs > 0);
    assert.equal((await openModel()).convertMs, 0);
  });

  it('reports progress that rises to 1', async () => {
    const fractions: number[] = [];
    await openModel({ onProgress: (fraction) => fractions.push(fraction) });
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
    assert.ok((fractions.at(-1) ?? 0) > 0.9);
  });

  const damages: Record<string, (data: string) => Promise<void>> = {
    'a truncated data file': async (data) => truncate(data, (await stat(data)).size - 1),
    'an empty data file': (data) => truncate(data, 0),
    'a missing data file': (data) => rm(data),
    'one changed byte': (data) => flipByte(data, 5000),
    'a missing graph': (data) => rm(data.replace(/\.data$/, '')),
    'a missing manifest': (data) => rm(join(data, '..', 'manifest.json')),
    'a manifest that is no JSON': (data) => writeFile(join(data, '..', 'manifest.json'), '{"files":'),
    'one digit changed in the manifest': async (data) => {
      const manifest = join(data, '..', 'manifest.json');
      const text = await readFile(manifest, 'utf8');
      const other = text.replace(/"maxPositions": \d/, '"maxPositions": 9');
      assert.notEqual(other, text);
      await writeFile(manifest, other);
    },
    'a manifest of something else': (data) =>
      writeFile(join(data, '..', 'manifest.json'), '{"files":[null]}'),
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`builds the files anew after ${name}`, async () => {
      const data = await dataFile();
      const good = await readFile(data);
      await damage(data);
      assert.ok((await openModel()).convertMs > 0);
      assert.deepEqual(await readFile(data), good);
      assert.equal((await openModel()).convertMs, 0);
    });
  }

  it('accepts files whose date alone has changed, and hashes them only once', async () => {
    const data = await dataFile();
    await utimes(data, new Date(), new Date(2020, 1, 1));
    assert.equal((await openModel()).convertMs, 0);
    const manifest = JSON.parse(await readFile(join(data, '..', 'manifest.json'), 'utf8')) as {
      files: { name: string; mtimeMs: number }[];
    };
    assert.ok(manifest.files.some(({ mtimeMs }) => mtimeMs === new Date(2020, 1, 1).getTime()));
  });

  it('reads everything once after an unclean end', async () => {
    const data = await dataFile();
    const date = new Date(2020, 1, 1);
    await utimes(data, date, date);
    assert.equal((await openModel()).convertMs, 0);
    const good = await readFile(data);
    const damage = async () => {
      await flipByte(data, 5000);
      await utimes(data, date, date);
    };
    // Nothing tells that these files are damaged: same sizes, same dates.
    await damage();
    assert.equal((await openModel()).convertMs, 0);
    await endUncleanly(folder.path);
    assert.ok((await openModel()).convertMs > 0);
    assert.deepEqual(await readFile(data), good);
    await endUncleanly(folder.path);
    let reads = 0;
    const count: FileLayer = {
      ...NODE_FILES,
      open: (path, flags) => {
        if (path === data) reads++;
        return NODE_FILES.open(path, flags);
      },
    };
    assert.equal((await openModel({ files: count })).convertMs, 0);
    assert.equal((await openModel({ files: count })).convertMs, 0);
    assert.equal(reads, 1);
  });

  it('is checked while nobody needs the machine, and built anew when it was found to be damaged', async () => {
    const data = await dataFile();
    const model = { modelPath: TINY_TIED, cacheDir: folder.path, variant: 'exact' } as const;
    const damaged = async () =>
      (await verifyModelWhenIdle(model, { dutyCycle: 1, freshMs: 0 })).map(({ path }) => path);
    const date = new Date(2020, 1, 1);
    await utimes(data, date, date);
    await openModel();
    assert.deepEqual(await damaged(), []);
    await flipByte(data, 5000);
    await utimes(data, date, date);
    assert.equal((await openModel()).convertMs, 0);
    // What has just been read is not read again.
    assert.deepEqual(await verifyModelWhenIdle(model), []);
    assert.deepEqual(await damaged(), [data]);
    assert.ok((await openModel()).convertMs > 0);
    assert.deepEqual(await damaged(), []);
  });

  it('forgets the sum of weights that were found to be damaged', async () => {
    const modelPath = join(folder.path, 'model.gguf');
    const date = new Date(2020, 1, 1);
    await copyFile(TINY_TIED, modelPath);
    await utimes(modelPath, date, date);
    const good = await weightsIdentity(modelPath, folder.path);
    await flipByte(modelPath, 100_000);
    await utimes(modelPath, date, date);
    assert.equal(await weightsIdentity(modelPath, folder.path), good);
    const model = { modelPath, cacheDir: folder.path, variant: 'exact' } as const;
    const damaged = await verifyModelWhenIdle(model, { dutyCycle: 1, freshMs: 0 });
    assert.deepEqual(
      damaged.map(({ path }) => path),
      [modelPath],
    );
    assert.notEqual(await weightsIdentity(modelPath, folder.path), good);
  });

  it('does not begin where the disk has no room', async () => {
    const files: FileLayer = { ...NODE_FILES, statfs: async () => ({ bavail: 300, bsize: 1_000_000 }) };
    await openModel({ files });
    await rm(join(await dataFile(), '..'), { recursive: true });
    const full: FileLayer = { ...files, statfs: async () => ({ bavail: 200, bsize: 1_000_000 }) };
    const begun: number[] = [];
    await assert.rejects(
      openModel({ files: full, onProgress: (fraction) => begun.push(fraction) }),
      (error: unknown) =>
        error instanceof EngineError && error.code === 'disk-full' && /converting/.test(error.message),
    );
    assert.deepEqual(begun, []);
    assert.deepEqual(await folders(), []);
  });

  it('removes what was made for earlier graphs, and nothing of other models', async () => {
    const kept = [`${'0'.repeat(64)}-exact-v999`, 'something of a person’s own'];
    for (const name of [...kept, `${'0'.repeat(64)}-exact-v0`]) await mkdir(join(folder.path, name));
    const { modelFile } = await openModel();
    const names = (await folders()).map(({ name }) => name).sort();
    assert.deepEqual(names, [...kept, basename(dirname(modelFile))].sort());
  });

  it('leaves nothing behind when it is cancelled', async () => {
    let looks = 0;
    await assert.rejects(
      openModel({ isAborted: () => ++looks > 10 }),
      (error: unknown) => error instanceof EngineError && error.code === 'aborted',
    );
    assert.deepEqual(await folders(), []);
  });

  it('lets two conversions at once both succeed, and does the work once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => openModel()));
    assert.equal(new Set(all.map(({ modelFile }) => modelFile)).size, 1);
    assert.equal(all.filter(({ convertMs }) => convertMs > 0).length, 1);
    assert.equal((await folders()).length, 1);
  });

  it('removes what killed conversions left, but not what may still run', async () => {
    const old = join(folder.path, '.converting-old');
    const recent = join(folder.path, '.converting-recent');
    const { modelFile } = await openModel();
    // Of the same model: whoever converts it now holds its lock, so this one belongs to nobody.
    const own = join(folder.path, `.converting-${basename(dirname(modelFile))}-killed`);
    await rm(dirname(modelFile), { recursive: true });
    await Promise.all([old, recent, own].map((path) => mkdir(path)));
    await utimes(old, new Date(), new Date(Date.now() - 2 * 3600 * 1000));
    await openModel();
    assert.deepEqual(
      (await folders()).map(({ name }) => name).filter((name) => name.startsWith('.')),
      ['.converting-recent'],
    );
  });

  it('says what failed where it cannot write', async () => {
    const blocked = join(folder.path, 'file');
    await writeFile(blocked, '');
    await assert.rejects(
      readGguf(TINY_TIED).then((source) =>
        openConvertedModel({ source, sha256: '0'.repeat(64), variant: 'exact', cacheDir: blocked }),
      ),
      (error: unknown) => error instanceof EngineError && error.code === 'io',
    );
  });
});

describe('weightsIdentity', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let model: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    model = join(folder.path, 'model.gguf');
    await copyFile(TINY_TIED, model);
  });
  afterEach(() => folder.remove());

  it('hashes once and again after a change', async () => {
    let reads = 0;
    const identity = () => weightsIdentity(model, folder.path, { onProgress: () => reads++ });
    const first = await identity();
    const afterFirst = reads;
    assert.ok(afterFirst > 0);
    assert.equal(await identity(), first);
    assert.equal(reads, afterFirst);
    await flipByte(model, 100_000);
    assert.notEqual(await identity(), first);
  });

  it('hashes again once after an unclean end', async () => {
    let reads = 0;
    const identity = () => weightsIdentity(model, folder.path, { onProgress: () => reads++ });
    await identity();
    await endUncleanly(folder.path);
    const before = reads;
    await identity();
    assert.ok(reads > before);
    const after = reads;
    await identity();
    assert.equal(reads, after);
  });

  it('does not trust a damaged memory', async () => {
    const first = await weightsIdentity(model, folder.path);
    const memory = (await readdir(folder.path)).find((name) => name.startsWith('identity-'));
    await writeFile(join(folder.path, memory as string), '{"sha256":"x"}');
    assert.equal(await weightsIdentity(model, folder.path), first);
  });

  it('says that a file is missing', async () => {
    for (const path of [join(folder.path, 'none.gguf'), folder.path]) {
      await assert.rejects(
        weightsIdentity(path, folder.path),
        (error: unknown) => error instanceof EngineError && error.code === 'model-missing',
      );
    }
  });
});

/** Notes an unclean end that is later than all before, also by a clock of milliseconds. */
async function endUncleanly(cacheDir: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(await noteUncleanEnd(cacheDir));
}

async function flipByte(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0] = (byte[0] as number) ^ 1;
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
