import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { DEFAULT_MODEL, type CatalogueModel } from '../../../src/inference/store/catalogue';
import { NODE_FILES } from '../../../src/inference/store/fileLayer';
import { importLocalFile } from '../../../src/inference/store/importLocalFile';
import { TINY_TIED } from '../../support/tinyModel';

const WEIGHTS = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(5000, 3)]);
const MODEL: CatalogueModel = {
  ...DEFAULT_MODEL,
  bytes: WEIGHTS.length,
  sha256: createHash('sha256').update(WEIGHTS).digest('hex'),
};

describe('files of a person’s own', () => {
  let dir: string;
  let source: string;
  let to: { modelsDir: string; catalogue: CatalogueModel[] };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'import-'));
    source = join(dir, 'picked.gguf');
    to = { modelsDir: join(dir, 'models'), catalogue: [MODEL] };
  });
  afterEach(() => rm(dir, { recursive: true }));

  const coded = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;

  describe('importLocalFile', () => {
    it('takes the published file over under its published name, whatever it was called', async () => {
      await writeFile(source, WEIGHTS);
      const imported = await importLocalFile(source, to);
      const path = join(to.modelsDir, MODEL.hub.file);
      assert.deepEqual(imported, { kind: 'catalogue', model: MODEL, path });
      assert.deepEqual(await readFile(path), WEIGHTS);
      assert.deepEqual(await readdir(to.modelsDir), [MODEL.hub.file]);
    });

    it('needs no second copy on the same disk', async () => {
      await writeFile(source, WEIGHTS);
      const { path } = await importLocalFile(source, to);
      assert.equal((await stat(path)).ino, (await stat(source)).ino);
    });

    it('is content with the file that is in the folder already', async () => {
      await writeFile(source, WEIGHTS);
      const { path } = await importLocalFile(source, to);
      assert.equal((await importLocalFile(path, to)).path, path);
      assert.deepEqual(await readFile(path), WEIGHTS);
      assert.deepEqual(await readdir(to.modelsDir), [MODEL.hub.file]);
    });

    it('leaves a GGUF of another size where it is', async () => {
      await copyFile(TINY_TIED, source);
      assert.deepEqual(await importLocalFile(source, to), { kind: 'own', path: source });
      assert.equal(existsSync(to.modelsDir), false);
    });

    it('does not take a file of the right size for the published one', async () => {
      await copyFile(TINY_TIED, source);
      const { size: bytes } = await stat(source);
      const catalogue = [{ ...MODEL, bytes }];
      assert.deepEqual(await importLocalFile(source, { ...to, catalogue }), { kind: 'own', path: source });
      assert.equal(existsSync(to.modelsDir), false);
    });

    it('refuses what cannot be run, before anything else is done with it', async () => {
      await writeFile(source, Buffer.concat([WEIGHTS, Buffer.alloc(1)]));
      await assert.rejects(importLocalFile(source, to), coded('model-unsupported'));
      await copyFile(TINY_TIED, source);
      const files = { ...NODE_FILES, statfs: async () => ({ bavail: 1, bsize: 1 }) };
      const convertedDir = join(dir, 'converted');
      await assert.rejects(importLocalFile(source, { ...to, convertedDir }, { files }), coded('disk-full'));
      assert.equal(existsSync(to.modelsDir), false);
    });

    it('refuses what is no GGUF, and what is not there', async () => {
      await writeFile(source, 'PK some archive');
      await assert.rejects(importLocalFile(source, to), coded('model-corrupt'));
      await assert.rejects(importLocalFile(join(dir, 'nothing.gguf'), to), coded('model-missing'));
    });

    it('can be cancelled while it reads', async () => {
      await writeFile(source, WEIGHTS);
      await assert.rejects(importLocalFile(source, to, { signal: AbortSignal.abort() }), coded('aborted'));
      assert.equal(existsSync(to.modelsDir), false);
    });
  });
});
