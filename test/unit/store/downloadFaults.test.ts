import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { DEFAULT_MODEL, type CatalogueModel } from '../../../src/inference/store/catalogue';
import { downloadFile } from '../../../src/inference/store/download';
import { NODE_FILES, type FileLayer } from '../../../src/inference/store/fileLayer';
import { importLocalFile } from '../../../src/inference/store/importLocalFile';
import { ModelStore } from '../../../src/inference/store/modelStore';
import { startTestProcess } from '../../support/childProcess';
import { eachOf } from '../../support/eachOf';
import { expireLocks } from '../../support/expireLock';
import { faultyFiles, isWrite, type Fault } from '../../support/faultyFiles';
import { temporaryFolder } from '../../support/tinyModel';
import { startRangeServer, type RangeServer } from './rangeServer';

const CONTENT = Buffer.from('GGUF'.padEnd(300_000, 'weights'));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const CODES = ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EPERM'] as const;
const coded =
  (...codes: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.ok(codes.includes(error.code), error.code);
    return true;
  };

describe('a download under faults of the disk', function () {
  this.timeout(180_000);
  let server: RangeServer;
  before(async () => {
    server = await startRangeServer({ content: CONTENT, etag: '"one"' });
  });
  after(() => server.close());

  const download = (target: string, files?: FileLayer) =>
    downloadFile(
      { url: `${server.endpoint}/file`, target, bytes: CONTENT.length, sha256: SHA256 },
      { backoffMs: 1, ...(files && { files }) },
    );

  /** Gives a folder with a damaged file where the download shall go, so that replacing one is tested too. */
  async function inFolder(work: (target: string) => Promise<void>): Promise<void> {
    const folder = await temporaryFolder();
    try {
      const target = join(folder.path, 'models', 'model.gguf');
      await mkdir(dirname(target));
      await writeFile(target, 'damaged');
      await work(target);
    } finally {
      await folder.remove();
    }
  }

  /** The old file or the right one, never a half one; and the next download ends with the right one, tidily. */
  async function assertRecovers(target: string, when: string): Promise<void> {
    const there = await readFile(target);
    assert.ok(there.equals(CONTENT) || there.toString() === 'damaged', when);
    await expireLocks(dirname(target));
    await download(target);
    assert.ok((await readFile(target)).equals(CONTENT), when);
    const names = await readdir(dirname(target));
    // Killed just behind the renaming, the state stays until the next part replaces it.
    assert.deepEqual(
      names.filter((name) => name !== 'model.gguf.part.json'),
      ['model.gguf'],
      when,
    );
  }

  async function callsOf(target: string): Promise<readonly string[]> {
    const { files, calls } = faultyFiles();
    await download(target, files);
    return calls;
  }

  it('fails with a code or succeeds, whichever call fails, and works the next time', async () => {
    let count = 0;
    await inFolder(async (target) => void (count = (await callsOf(target)).length));
    assert.ok(count > 20);
    await eachOf(count + 5, (at) =>
      inFolder(async (target) => {
        const { files } = faultyFiles({ at, what: CODES[at % CODES.length] ?? 'EIO' });
        await download(target, files).catch(coded('io', 'disk-full'));
        await assertRecovers(target, `${CODES[at % CODES.length]} at call ${at}`);
      }),
    );
  });

  it('leaves the old file and goes on the next time when its process is killed at any call', async () => {
    let calls: readonly string[] = [];
    await inFolder(async (target) => void (calls = await callsOf(target)));
    let killed = 0;
    await eachOf(calls.length, (at) =>
      inFolder(async (target) => {
        const child = startTestProcess('unit/store/downloadChild', [
          `${server.endpoint}/file`,
          target,
          String(CONTENT.length),
          SHA256,
          String(at),
        ]);
        // How many pieces the body arrives in differs, so that it may be through before.
        if ((await child.ended).signal === 'SIGKILL') killed++;
        await assertRecovers(target, `killed at call ${at}, ${calls[at]}`);
      }),
    );
    assert.ok(killed > calls.length / 2, `${killed} of ${calls.length}`);
  });

  const namedFaults: Record<string, [Fault, string]> = {
    'the disk is full from the beginning': [
      { at: 0, what: 'ENOSPC', forGood: true, only: isWrite },
      'disk-full',
    ],
    'the disk becomes full': [{ at: 9, what: 'ENOSPC', forGood: true, only: isWrite }, 'disk-full'],
    'the folder is read-only': [{ at: 0, what: 'EROFS', forGood: true, only: isWrite }, 'io'],
    'the renaming fails': [{ at: 0, what: 'EPERM', forGood: true, only: (call) => call === 'rename' }, 'io'],
  };
  for (const [name, [fault, code]] of Object.entries(namedFaults)) {
    it(`says so where ${name}`, () =>
      inFolder(async (target) => {
        await assert.rejects(download(target, faultyFiles(fault).files), coded(code));
        await assertRecovers(target, name);
      }));
  }

  it('keeps what has come when the disk becomes full', () =>
    inFolder(async (target) => {
      const { files } = faultyFiles({
        at: 3,
        what: 'ENOSPC',
        forGood: true,
        only: (call) => call === 'write',
      });
      await assert.rejects(download(target, files), coded('disk-full'));
      const { size } = await stat(`${target}.part`);
      assert.ok(size > 0);
      await expireLocks(dirname(target));
      server.ranges.length = 0;
      await download(target);
      assert.equal(server.ranges[0]?.range, `bytes=${size}-`);
    }));
});

describe('other work on models under faults of the disk', function () {
  this.timeout(60_000);
  const MODEL: CatalogueModel = { ...DEFAULT_MODEL, bytes: CONTENT.length, sha256: SHA256 };
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dirs: { modelsDir: string; convertedDir: string };
  let source: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    dirs = { modelsDir: join(folder.path, 'models'), convertedDir: join(folder.path, 'converted') };
    source = join(folder.path, 'picked.gguf');
    await writeFile(source, CONTENT);
  });
  afterEach(() => folder.remove());

  /** Makes each call of some work fail, one after the other, until the work no longer gets that far. */
  async function failEach(
    work: (files: FileLayer) => Promise<unknown>,
    check: () => Promise<void>,
  ): Promise<void> {
    for (let at = 0; ; at++) {
      const { files, calls } = faultyFiles({ at, what: CODES[at % CODES.length] ?? 'EIO' });
      await work(files).catch(coded('io', 'disk-full'));
      if (calls.length <= at) return;
      await expireLocks(dirs.modelsDir);
      await check();
    }
  }

  it('takes a file over in full or not at all', async () => {
    const target = join(dirs.modelsDir, MODEL.hub.file);
    const take = (files: FileLayer) =>
      importLocalFile(source, { modelsDir: dirs.modelsDir, catalogue: [MODEL] }, { files });
    let done = 0;
    await failEach(take, async () => {
      const there = await readFile(target).catch(() => undefined);
      if (there === undefined) return;
      done++;
      assert.ok(there.equals(CONTENT));
    });
    assert.equal((await take(NODE_FILES)).kind, 'catalogue');
    assert.ok(done > 0);
  });

  it('looks at, checks and deletes models with a code or the truth', async () => {
    const target = join(dirs.modelsDir, MODEL.hub.file);
    const place = async () => {
      await mkdir(dirs.modelsDir, { recursive: true });
      await writeFile(target, CONTENT);
    };
    const store = (files: FileLayer) => new ModelStore({ ...dirs, catalogue: [MODEL], files });
    await place();
    await failEach((files) => store(files).list(), place);
    await failEach(async (files) => {
      assert.deepEqual(await store(files).verify('0.5b'), { good: true, sha256: SHA256 });
    }, place);
    await failEach((files) => store(files).remove('0.5b'), place);
    await store(NODE_FILES).remove('0.5b');
    assert.equal((await store(NODE_FILES).entry('0.5b')).bytesOnDisk, 0);
  });
});
