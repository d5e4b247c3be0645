import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import {
  CATALOGUE,
  DEFAULT_MODEL,
  findModel,
  type CatalogueModel,
} from '../../../src/inference/store/catalogue';
import { withLock } from '../../../src/inference/store/interProcessLock';
import { ModelStore, type DownloadModelOptions } from '../../../src/inference/store/modelStore';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { startConnectProxy } from '../../support/connectProxy';
import { temporaryFolder } from '../../support/tinyModel';
import { startLocalServer, type LocalServer } from './localServer';

const CONTENT = Buffer.from('GGUF'.padEnd(100_000, 'weights'));
const sumOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const SUM = sumOf(CONTENT);
const ONE: CatalogueModel = { ...DEFAULT_MODEL, bytes: CONTENT.length, sha256: SUM };
const PINNED = findModel(CATALOGUE, '3b') as CatalogueModel;

describe('ModelStore', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dirs: { modelsDir: string; convertedDir: string };
  let store: ModelStore;
  let hub: LocalServer;
  /** What the hub serves, and how it tells its sum. */
  let content: Buffer;
  let tells: 'headers' | 'pointer' | 'nothing';

  beforeEach(async () => {
    folder = await temporaryFolder();
    dirs = { modelsDir: join(folder.path, 'models'), convertedDir: join(folder.path, 'converted') };
    store = new ModelStore({ ...dirs, catalogue: [ONE, PINNED] });
    content = CONTENT;
    tells = 'headers';
    hub = await startLocalServer(answer);
  });
  afterEach(async () => {
    await hub.close();
    await folder.remove();
  });

  /** As the Hugging Face hub does: a redirect with headers of its own, and pointers under `raw`. */
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    if (url.startsWith('/storage'))
      response.writeHead(200, { 'Content-Length': content.length }).end(content);
    else if (url.includes('/resolve/main/')) {
      const linked = { 'X-Linked-Size': content.length, 'X-Linked-ETag': `"${sumOf(content)}"` };
      response.writeHead(302, { Location: '/storage', ...(tells === 'headers' ? linked : {}) }).end();
    } else if (url.includes('/raw/main/') && tells === 'pointer') {
      response.end(
        `version https://git-lfs.github.com/spec/v1\noid sha256:${sumOf(content)}\nsize ${content.length}\n`,
      );
    } else if (url.includes('/raw/main/')) response.end(content);
    else response.writeHead(404).end();
  }

  const download = (id: string, options: DownloadModelOptions = {}) =>
    store.download(id, { endpoint: hub.endpoint, agreedToLicence: true, ...options });
  const coded =
    (code: string, message = /./) =>
    (error: unknown) =>
      error instanceof EngineError && error.code === code && message.test(error.message);
  const state = async (id: string) => (await store.entry(id)).state;
  const files = async () => (existsSync(dirs.modelsDir) ? (await readdir(dirs.modelsDir)).sort() : []);

  it('lists the catalogue, with nothing there at first', async () => {
    const entries = await store.list();
    assert.deepEqual(
      entries.map(({ model, state: found, bytesOnDisk }) => [model.id, found, bytesOnDisk]),
      [
        [ONE.id, 'available', 0],
        [PINNED.id, 'available', 0],
      ],
    );
    assert.equal(entries[0]?.path, join(dirs.modelsDir, ONE.hub.file));
  });

  it('knows the catalogue of the product by default, and models by their short names', async () => {
    const whole = new ModelStore(dirs);
    assert.equal((await whole.list()).length, CATALOGUE.length);
    assert.equal((await whole.entry('0.5b')).model, DEFAULT_MODEL);
    assert.deepEqual(await whole.expected('1.5B'), {
      bytes: 1_117_320_768,
      sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    });
    for (const ask of [() => whole.entry('9b'), () => whole.download('9b'), () => whole.remove('')]) {
      await assert.rejects(ask(), coded('invalid-request', /no model.*0\.5b, 1\.5b, 3b, 7b/));
    }
  });

  it('downloads a model from a hub', async () => {
    const told: number[] = [];
    const path = await download('0.5b', { onProgress: (received) => told.push(received) });
    assert.deepEqual(await readFile(path), CONTENT);
    assert.equal(told.at(-1), CONTENT.length);
    assert.deepEqual(await store.entry('0.5b'), {
      model: ONE,
      state: 'installed',
      path,
      downloadedBytes: CONTENT.length,
      bytesOnDisk: CONTENT.length,
    });
    assert.deepEqual(await files(), [ONE.hub.file]);
  });

  it('downloads from any address, held to the same sum', async () => {
    await download('0.5b', { url: `${hub.endpoint}/storage/elsewhere.bin` });
    assert.equal(await state('0.5b'), 'installed');
    await store.remove('0.5b');
    content = Buffer.alloc(CONTENT.length);
    await assert.rejects(download('0.5b', { url: `${hub.endpoint}/storage` }), coded('checksum-mismatch'));
    await assert.rejects(download('0.5b', { url: 'file:///etc/passwd' }), coded('network'));
  });

  it('downloads through a proxy', async () => {
    const proxy = await startConnectProxy();
    try {
      await download('0.5b', { proxy: { url: proxy.url } });
      assert.ok(proxy.tunnels.length > 0);
      assert.equal(await state('0.5b'), 'installed');
    } finally {
      await proxy.close();
    }
  });

  it('says that a model is there in part', async () => {
    await mkdir(dirs.modelsDir);
    await writeFile(join(dirs.modelsDir, `${ONE.hub.file}.part`), 'GG');
    assert.equal(await state('0.5b'), 'partial');
    const { downloadedBytes, bytesOnDisk } = await store.entry('0.5b');
    assert.deepEqual([downloadedBytes, bytesOnDisk], [2, 2]);
    await writeFile(join(dirs.modelsDir, ONE.hub.file), CONTENT.subarray(1));
    assert.equal(await state('0.5b'), 'partial');
  });

  describe('of a model whose sum is not known in advance', () => {
    for (const how of ['headers', 'pointer'] as const) {
      it(`takes the sum from the hub’s ${how}, and holds the file to it from then on`, async () => {
        tells = how;
        await download('3b');
        assert.deepEqual(await store.expected('3b'), { bytes: CONTENT.length, sha256: SUM });
        assert.equal(await state('3b'), 'installed');
        assert.equal((await store.verify('3b')).good, true);
        await rm((await store.entry('3b')).path);
        content = Buffer.from('GGUF another one');
        await assert.rejects(download('3b'), coded('checksum-mismatch'));
        assert.deepEqual(await store.expected('3b'), { bytes: CONTENT.length, sha256: SUM });
        await store.remove('3b');
        assert.equal(await store.expected('3b'), undefined);
        await download('3b');
        assert.equal((await store.expected('3b'))?.sha256, sumOf(content));
      });
    }

    it('fetches nothing where the hub tells no sum', async () => {
      tells = 'nothing';
      await assert.rejects(download('3b'), coded('network', /does not say which SHA-256/));
      assert.deepEqual(await files(), []);
      assert.ok(hub.asked.every((path) => !path.startsWith('/storage')));
    });

    it('refuses what does not have the sum that the hub told, and pins nothing', async () => {
      const other = `${hub.endpoint}/storage`;
      const told = content;
      const fetcher: typeof fetch = (input, init) => {
        content = init?.method === 'HEAD' ? told : Buffer.alloc(told.length);
        return fetch(input, init);
      };
      const deceived = new ModelStore({ ...dirs, catalogue: [PINNED], fetch: fetcher });
      const asked = { endpoint: hub.endpoint, url: other, agreedToLicence: true };
      await assert.rejects(deceived.download('3b', asked), coded('checksum-mismatch'));
      assert.equal(await deceived.expected('3b'), undefined);
      assert.deepEqual(await files(), []);
    });

    it('asks the hub again when the pin was damaged', async () => {
      await download('3b');
      const pin = join(dirs.modelsDir, `${PINNED.hub.file}.pin.json`);
      await writeFile(pin, (await readFile(pin, 'utf8')).replace(/\d/, '7'));
      assert.equal(await state('3b'), 'partial');
      const before = hub.asked.length;
      await download('3b');
      assert.equal(await state('3b'), 'installed');
      assert.ok(hub.asked.slice(before).every((path) => !path.startsWith('/storage')));
    });

    it('needs agreement to its licence before anything is asked', async () => {
      for (const agreedToLicence of [undefined, false]) {
        const options = agreedToLicence === undefined ? {} : { agreedToLicence };
        const refused = store.download('3b', { endpoint: hub.endpoint, ...options });
        await assert.rejects(refused, coded('invalid-request', /Qwen Research License.*agreed/));
      }
      assert.deepEqual(hub.asked, []);
    });
  });

  describe('remove', () => {
    it('deletes weights, part, pin, memory and converted files, and nothing else', async () => {
      const path = await download('3b');
      await weightsIdentity(path, dirs.convertedDir);
      await writeFile(`${path}.part`, 'part');
      for (const name of [`${SUM}-exact-v1`, `.converting-${SUM}-fast-v1-x`, `${'0'.repeat(64)}-exact-v1`]) {
        await mkdir(join(dirs.convertedDir, name));
        await writeFile(join(dirs.convertedDir, name, 'model.onnx'), '12345');
      }
      await writeFile(join(dirs.modelsDir, 'own.gguf'), 'a person’s own');
      const bytes = CONTENT.length + 4 + 2 * 5;
      assert.equal((await store.entry('3b')).bytesOnDisk, bytes);
      assert.deepEqual(await store.remove('3b'), { freedBytes: bytes });
      assert.deepEqual(await files(), ['own.gguf']);
      assert.deepEqual(await readdir(dirs.convertedDir), [`${'0'.repeat(64)}-exact-v1`]);
      assert.equal(await state('3b'), 'available');
    });

    it('has nothing to do where nothing is', async () => {
      assert.deepEqual(await store.remove('0.5b'), { freedBytes: 0 });
      assert.equal(existsSync(dirs.modelsDir), false);
    });

    it('is refused while another is at work on the model', async () => {
      const path = await download('0.5b');
      await withLock(path, {}, async () => {
        await assert.rejects(store.remove('0.5b'), coded('io', /being downloaded/));
      });
      assert.ok((await stat(path)).isFile());
    });
  });

  describe('verify', () => {
    it('finds one changed byte, also where date and size are the same', async () => {
      const path = await download('0.5b');
      assert.equal(await weightsIdentity(path, dirs.convertedDir), SUM);
      assert.deepEqual(await store.verify('0.5b'), { good: true, sha256: SUM });
      const { atime, mtime } = await stat(path);
      const damaged = Buffer.from(CONTENT);
      damaged[50_000] = 0;
      await writeFile(path, damaged);
      await utimes(path, atime, mtime);
      assert.deepEqual(await store.verify('0.5b'), { good: false, sha256: sumOf(damaged) });
      // What opens the file the next time knows it too.
      assert.equal(await weightsIdentity(path, dirs.convertedDir), sumOf(damaged));
      await download('0.5b');
      assert.deepEqual(await store.verify('0.5b'), { good: true, sha256: SUM });
    });

    it('can be stopped, and says what is missing', async () => {
      await assert.rejects(store.verify('0.5b'), coded('model-missing'));
      await download('0.5b');
      await assert.rejects(store.verify('0.5b', { isAborted: () => true }), coded('aborted'));
    });
  });
});
