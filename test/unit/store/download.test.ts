import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError, type EngineErrorCode } from '../../../src/inference/errors';
import { DEFAULT_MODEL } from '../../../src/inference/store/catalogue';
import { downloadFile, type DownloadOptions } from '../../../src/inference/store/download';
import { NODE_FILES } from '../../../src/inference/store/fileLayer';
import { modelUrl } from '../../../src/inference/store/hub';
import { startLocalServer, type LocalServer } from './localServer';

/** Several chunks of a socket, so that "in the middle" exists. */
const CONTENT = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

describe('downloadFile', () => {
  let dir: string;
  let target: string;
  let server: LocalServer | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'download-'));
    target = join(dir, 'models', 'model.gguf');
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await rm(dir, { recursive: true });
  });

  async function download(listener: RequestListener, options: DownloadOptions = {}): Promise<void> {
    server = await startLocalServer(listener);
    const request = { url: `${server.endpoint}/file`, target, bytes: CONTENT.length, sha256: SHA256 };
    await downloadFile(request, { backoffMs: 1, ...options });
  }

  async function failure(promise: Promise<unknown>): Promise<EngineError> {
    const error: unknown = await promise.then(
      () => assert.fail('expected a failure'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof EngineError, String(error));
    return error;
  }

  async function assertNothingKept(): Promise<void> {
    assert.deepEqual(await readdir(join(dir, 'models')), []);
  }

  const send =
    (content: Buffer, headers: Record<string, string | number> = {}): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { 'Content-Length': content.length, ...headers });
      response.end(content);
    };

  it('stores the file under its name and nothing else, telling progress up to the whole', async () => {
    const told: [number, number][] = [];
    await download(send(CONTENT), { onProgress: (received, total) => told.push([received, total]) });
    assert.deepEqual(await readFile(target), CONTENT);
    assert.deepEqual(await readdir(join(dir, 'models')), ['model.gguf']);
    assert.deepEqual(told.at(-1), [CONTENT.length, CONTENT.length]);
    assert.ok(told.every(([received], i) => i === 0 || received > (told[i - 1]?.[0] ?? 0)));
  });

  it('follows redirects, as the hub sends to its storage', async () => {
    await download((request, response) => {
      if (request.url === '/file') response.writeHead(302, { Location: '/storage' }).end();
      else send(CONTENT)(request, response);
    });
    assert.deepEqual(await readFile(target), CONTENT);
    assert.deepEqual(server?.asked, ['/file', '/storage']);
  });

  it('accepts an answer without a length', async () => {
    await download((_request, response) => {
      response.write(CONTENT.subarray(0, 1000));
      response.end(CONTENT.subarray(1000));
    });
    assert.deepEqual(await readFile(target), CONTENT);
  });

  const refusals: {
    name: string;
    listener: RequestListener;
    code: EngineErrorCode;
    message: RegExp;
  }[] = [
    {
      name: 'a web page',
      listener: (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<html>Log in</html>');
      },
      code: 'network',
      message: /web page/,
    },
    {
      name: 'a file of another length, before its body is read',
      listener: send(CONTENT.subarray(0, 1234)),
      code: 'checksum-mismatch',
      message: /1234 bytes/,
    },
    {
      name: 'a longer body that announces no length',
      listener: (_request, response) => {
        response.write(CONTENT);
        response.end('x');
      },
      code: 'checksum-mismatch',
      message: /more than the published size/,
    },
    {
      name: 'the right length with another content',
      listener: send(Buffer.from(CONTENT).fill(7, 399_999)),
      code: 'checksum-mismatch',
      message: /its SHA-256 differs/,
    },
    {
      name: 'status 404',
      listener: (_request, response) => void response.writeHead(404).end('not here'),
      code: 'network',
      message: /does not have the file \(status 404\)/,
    },
    {
      name: 'status 403',
      listener: (_request, response) => void response.writeHead(403).end(),
      code: 'network',
      message: /refuses access \(status 403\)/,
    },
  ];
  for (const { name, listener, code, message } of refusals) {
    it(`refuses ${name} and keeps nothing`, async () => {
      const error = await failure(download(listener));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      await assertNothingKept();
    });
  }

  it('leaves the file that was there when a download fails', async () => {
    await download(send(CONTENT));
    await server?.close();
    const old = Buffer.from('what was there');
    await writeFile(target, old);
    await failure(download(send(Buffer.alloc(CONTENT.length))));
    assert.deepEqual(await readFile(target), old);
    assert.deepEqual(await readdir(join(dir, 'models')), ['model.gguf']);
  });

  it('asks nobody when the right file is there', async () => {
    await download(send(CONTENT));
    await server?.close();
    await download(send(CONTENT));
    assert.deepEqual(server?.asked, []);
  });

  it('stops in the middle when aborted, and closes the connection', async () => {
    const controller = new AbortController();
    let closed: () => void;
    const connectionClosed = new Promise<void>((resolve) => (closed = resolve));
    const error = await failure(
      download(
        (request, response) => {
          request.on('close', () => closed());
          response.writeHead(200, { 'Content-Length': CONTENT.length });
          response.write(CONTENT.subarray(0, 100_000));
        },
        { signal: controller.signal, onProgress: () => controller.abort() },
      ),
    );
    assert.equal(error.code, 'aborted');
    await connectionClosed;
    assert.equal(existsSync(target), false);
  });

  it('asks nobody when aborted before it begins', async () => {
    const error = await failure(download(send(CONTENT), { signal: AbortSignal.abort() }));
    assert.equal(error.code, 'aborted');
    assert.deepEqual(server?.asked, []);
    assert.equal(existsSync(target), false);
  });

  it('gives up on a server that goes silent', async () => {
    const error = await failure(
      download(
        (_request, response) => {
          response.writeHead(200, { 'Content-Length': CONTENT.length });
          response.write(CONTENT.subarray(0, 1000));
        },
        { stallMs: 200 },
      ),
    );
    assert.equal(error.code, 'network');
    assert.match(error.message, /nothing arrived for 0\.2 seconds/);
    assert.equal(existsSync(target), false);
  });

  it('names the reason when nobody listens', async () => {
    const closed = await startLocalServer(() => undefined);
    await closed.close();
    const error = await failure(
      downloadFile({ url: `${closed.endpoint}/file`, target, bytes: 5, sha256: SHA256 }),
    );
    assert.equal(error.code, 'network');
    assert.match(error.message, /ECONNREFUSED/);
  });

  it('asks nobody when the disk is too full', async () => {
    const error = await failure(
      download(send(CONTENT), {
        files: { ...NODE_FILES, statfs: async () => ({ bavail: CONTENT.length + 1, bsize: 1 }) },
      }),
    );
    assert.equal(error.code, 'disk-full');
    assert.deepEqual(server?.asked, []);
  });

  it('reports a folder that cannot be written to', async () => {
    // A file where the folder should be: it stops every person on every system, administrators too.
    await writeFile(join(dir, 'models'), '');
    const error = await failure(download(send(CONTENT)));
    assert.equal(error.code, 'io');
    assert.deepEqual(server?.asked, []);
  });

  it('removes what a process that died left behind, but not what one is writing', async () => {
    await download(send(CONTENT));
    await server?.close();
    await writeFile(target, 'damaged');
    const abandoned = `${target}.1.incomplete`;
    await writeFile(abandoned, 'old');
    await writeFile(`${target}.2.incomplete`, 'new');
    await writeFile(`${target}.part.json.3.tmp`, 'half');
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(abandoned, yesterday, yesterday);
    await download(send(CONTENT));
    assert.deepEqual((await readdir(join(dir, 'models'))).sort(), ['model.gguf', 'model.gguf.2.incomplete']);
  });
});

describe('modelUrl', () => {
  const path = 'Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf';
  it('follows the hub’s scheme', () => {
    assert.equal(modelUrl('https://huggingface.co', DEFAULT_MODEL), `https://huggingface.co/${path}`);
  });
  it('keeps the folder of a mirror, with or without a slash at its end', () => {
    assert.equal(modelUrl('http://mirror.test/hub/', DEFAULT_MODEL), `http://mirror.test/hub/${path}`);
    assert.equal(modelUrl('http://mirror.test/hub', DEFAULT_MODEL), `http://mirror.test/hub/${path}`);
  });
  for (const endpoint of ['', 'huggingface.co', 'file:///etc/passwd', 'ftp://mirror.test']) {
    it(`refuses "${endpoint}"`, () => {
      assert.throws(
        () => modelUrl(endpoint, DEFAULT_MODEL),
        (error) => error instanceof EngineError && error.code === 'network',
      );
    });
  }
});
