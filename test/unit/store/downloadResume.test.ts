import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { downloadFile, type DownloadOptions } from '../../../src/inference/store/download';
import { startTestProcess } from '../../support/childProcess';
import { expireLock } from '../../support/expireLock';
import { seededRandom } from '../../../src/inference/random';
import { temporaryFolder } from '../../support/tinyModel';
import { startRangeServer, type RangeServer, type RangeServerBehaviour } from './rangeServer';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const sumOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

describe('a download that is broken off', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let target: string;
  let server: RangeServer;

  beforeEach(async () => {
    folder = await temporaryFolder();
    target = join(folder.path, 'models', 'model.gguf');
  });
  afterEach(async () => {
    await server.close();
    await folder.remove();
  });

  const serve = async (behaviour: Partial<RangeServerBehaviour> = {}) =>
    void (server = await startRangeServer({ content: CONTENT, etag: '"one"', ...behaviour }));
  const download = (options: DownloadOptions = {}, sha256 = sumOf(CONTENT)) =>
    downloadFile(
      { url: `${server.endpoint}/file`, target, bytes: CONTENT.length, sha256 },
      { backoffMs: 1, ...options },
    );
  const coded =
    (code: string, message = /./) =>
    (error: unknown) =>
      error instanceof EngineError && error.code === code && message.test(error.message);
  const files = async () => (await readdir(dirname(target))).sort();
  const assertDone = async () => {
    assert.deepEqual(await readFile(target), CONTENT);
    assert.deepEqual(await files(), ['model.gguf']);
  };
  /** Stops a download once some bytes are there. @returns how many */
  async function breakOff(): Promise<number> {
    const controller = new AbortController();
    server.behaviour.holdAfter = 100_000;
    await assert.rejects(
      download({ signal: controller.signal, onProgress: () => controller.abort() }),
      coded('aborted'),
    );
    delete server.behaviour.holdAfter;
    server.ranges.length = 0;
    const { size } = await stat(`${target}.part`);
    assert.ok(size > 0 && size <= 100_000, String(size));
    assert.deepEqual(await files(), ['model.gguf.part', 'model.gguf.part.json']);
    return size;
  }

  it('ends with the right file after each of 50 cuts at random bytes', async () => {
    const random = seededRandom(1);
    await serve();
    let resumed = 0;
    for (let round = 0; round < 50; round++) {
      const cut = Math.floor(random() * CONTENT.length);
      server.behaviour.cuts = [cut];
      server.ranges.length = 0;
      await download();
      await assertDone();
      assert.equal(server.ranges.length, 2);
      const from = Number(/^bytes=(\d+)-$/.exec(server.ranges[1]?.range ?? 'bytes=0-')?.[1]);
      assert.ok(from <= cut, `${from} of ${cut}`);
      if (from > 0) resumed++;
      await rm(target);
    }
    assert.ok(resumed > 25, `only ${resumed} times was anything kept`);
  });

  it('goes on across many cuts of one download', async () => {
    await serve({ cuts: [50_000, 50_000, 50_000, 50_000] });
    await download();
    await assertDone();
    assert.equal(server.ranges.length, 5);
  });

  it('is given up when it breaks again and again, and what came is kept', async () => {
    await serve({ cuts: Array.from({ length: 20 }, () => 20_000) });
    await assert.rejects(download(), coded('network', /^The download failed: /));
    assert.equal(server.ranges.length, 6);
    assert.deepEqual(await files(), ['model.gguf.part', 'model.gguf.part.json']);
  });

  it('is not tried again where nobody ever answered', async () => {
    await serve({ first: (_request, response) => Boolean(response.destroy()) });
    await assert.rejects(download(), coded('network'));
    assert.equal(server.ranges.length, 1);
    assert.deepEqual(await files(), []);
  });

  it('waits out a server that is busy for a while', async () => {
    let answers = 0;
    await serve({
      cuts: [100_000],
      first: (_request, response) => ++answers === 2 && Boolean(response.writeHead(503).end()),
    });
    await download();
    await assertDone();
  });

  it('goes on where it was cancelled, if the server still has the same file', async () => {
    await serve();
    const size = await breakOff();
    await download();
    await assertDone();
    assert.deepEqual(server.ranges, [{ range: `bytes=${size}-`, ifRange: '"one"' }]);
  });

  it('asks by date where the server has no strong ETag', async () => {
    const lastModified = 'Tue, 12 Nov 2024 00:00:00 GMT';
    await serve({ etag: 'W/"weak"', lastModified });
    await breakOff();
    await download();
    await assertDone();
    assert.equal(server.ranges[0]?.ifRange, lastModified);
  });

  it('begins again where the server says that its file has changed', async () => {
    await serve({ content: Buffer.alloc(CONTENT.length, 7), etag: '"old"' });
    await breakOff();
    server.behaviour.content = CONTENT;
    server.behaviour.etag = '"new"';
    await download();
    await assertDone();
    assert.equal(server.ranges.length, 1);
  });

  it('begins again where the pieces turn out to be of two files', async () => {
    await serve({ content: Buffer.alloc(CONTENT.length, 7) });
    await breakOff();
    server.behaviour.content = CONTENT;
    await download();
    await assertDone();
    assert.deepEqual(
      server.ranges.map(({ range }) => range !== undefined),
      [true, false],
    );
  });

  it('keeps nothing when all of it is another file', async () => {
    await serve({ content: Buffer.alloc(CONTENT.length, 7) });
    await breakOff();
    await assert.rejects(download(), coded('checksum-mismatch'));
    assert.equal(server.ranges.length, 2);
    assert.deepEqual(await files(), []);
  });

  it('begins again where the server ignores ranges', async () => {
    await serve({ ignoreRanges: true });
    await breakOff();
    await download();
    await assertDone();
    assert.equal(server.ranges.length, 1);
  });

  const nonsense: Record<string, (response: ServerResponse) => unknown> = {
    'another range than was asked for': (response) =>
      response.writeHead(206, { 'Content-Range': `bytes 5-9/${CONTENT.length}` }).end('wrong'),
    'a part without saying which': (response) => response.writeHead(206).end('wrong'),
    'that there is no such part': (response) => response.writeHead(416).end(),
  };
  for (const [name, answer] of Object.entries(nonsense)) {
    it(`begins again where the server answers with ${name}`, async () => {
      await serve();
      await breakOff();
      server.behaviour.first = ({ headers }, response) =>
        headers.range !== undefined && Boolean(answer(response));
      await download();
      await assertDone();
    });
  }

  it('is kept when the server answers with a web page or an error, for when it is well again', async () => {
    await serve();
    const size = await breakOff();
    for (const [status, headers] of [
      [200, { 'Content-Type': 'text/html' }],
      [404, {}],
      [500, {}],
    ] as const) {
      server.behaviour.first = (_request, response) =>
        Boolean(response.writeHead(status, headers).end('<html>'));
      await assert.rejects(download(), coded('network'));
    }
    delete server.behaviour.first;
    server.ranges.length = 0;
    await download();
    assert.equal(server.ranges[0]?.range, `bytes=${size}-`);
  });

  it('is refused where the rest is announced to be of a file of another size', async () => {
    await serve();
    await breakOff();
    server.behaviour.content = Buffer.concat([CONTENT, CONTENT]);
    await assert.rejects(download(), coded('checksum-mismatch', /600000 bytes/));
  });

  it('asks for the rest of the right size where more comes than was announced', async () => {
    await serve({
      first: (_request, response) => {
        response.writeHead(200);
        response.write(CONTENT);
        return Boolean(response.end('and more'));
      },
    });
    await assert.rejects(download(), coded('checksum-mismatch', /more than the published size/));
    assert.deepEqual(await files(), []);
  });

  it('asks for the rest where less comes than was announced', async () => {
    await serve({
      first: ({ headers }, response) => {
        if (headers.range !== undefined) return false;
        response.write(CONTENT.subarray(0, 1000));
        return Boolean(response.end());
      },
    });
    await download();
    await assertDone();
  });

  it('says how far it came where the end never comes', async () => {
    await serve({
      first: (_request, response) => {
        response.write(CONTENT.subarray(0, 1000));
        return Boolean(response.end());
      },
    });
    await assert.rejects(download(), coded('network', /after 1000 of 300000 bytes/));
  });

  it('forgets a part of another file, one without its state, and one that is too long', async () => {
    await serve();
    await breakOff();
    await rm(`${target}.part.json`);
    await download();
    await rm(target);
    await breakOff();
    await truncate(`${target}.part`, CONTENT.length + 1);
    await download();
    await rm(target);
    await breakOff();
    server.behaviour.content = Buffer.alloc(CONTENT.length, 7);
    await download({}, sumOf(server.behaviour.content));
    assert.deepEqual(
      server.ranges.map(({ range }) => range),
      [undefined],
    );
    assert.deepEqual(await files(), ['model.gguf']);
  });

  it('repairs a part that a power cut damaged', async () => {
    await serve();
    const size = await breakOff();
    await writeFile(`${target}.part`, Buffer.alloc(size));
    await download();
    await assertDone();
  });

  it('needs no server when only the renaming was missing', async () => {
    await serve();
    await breakOff();
    await writeFile(`${target}.part`, CONTENT);
    await download();
    await assertDone();
    assert.deepEqual(server.ranges, []);
  });

  it('goes on after its process was killed', async () => {
    await serve({ holdAfter: 100_000 });
    const child = startTestProcess('unit/store/downloadChild', [
      `${server.endpoint}/file`,
      target,
      String(CONTENT.length),
      sumOf(CONTENT),
    ]);
    await child.line('receiving');
    child.process.kill('SIGKILL');
    await child.ended;
    await expireLock(target);
    const { size } = await stat(`${target}.part`);
    assert.ok(size > 0);
    delete server.behaviour.holdAfter;
    server.ranges.length = 0;
    await download();
    await assertDone();
    assert.equal(server.ranges[0]?.range, `bytes=${size}-`);
  });

  it('is done once when two want it, and both see it progress', async () => {
    await serve();
    const told: number[][] = [[], []];
    let letGo: () => void = () => undefined;
    const bothTold = new Promise<void>((resolve) => (letGo = resolve));
    server.behaviour.first = (_request, response) => {
      response.writeHead(200, { 'Content-Length': CONTENT.length });
      response.write(CONTENT.subarray(0, 100_000));
      void bothTold.then(() => response.end(CONTENT.subarray(100_000)));
      return true;
    };
    const note = (index: number) => (received: number) => {
      told[index]?.push(received);
      if (told.every((list) => list.length > 0)) letGo();
    };
    await Promise.all([0, 1].map((index) => download({ onProgress: note(index) })));
    await assertDone();
    assert.equal(server.ranges.length, 1);
  });
});
