import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  startLlamaServer,
  streamCompletion,
  type CompletionEvent,
} from '../../../scripts/lib/llamaServer.mjs';
import { infillBody } from '../../bench/nativeLlamaEngine';

describe('a stream of llama-server', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/completion`;
  }

  it('gives each event, however the bytes are cut', async () => {
    const events = ['ä', '\\n\\n', ''].map(
      (text, at) => `data: {"content":"${text}","stop":${at === 2}}\n\n`,
    );
    const bytes = Buffer.from(events.join(''));
    const url = await serve((_request, response) => {
      const pieces = Array.from(bytes, (byte) => Buffer.of(byte));
      const send = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) response.end();
        else response.write(piece, () => setImmediate(send));
      };
      send();
    });
    const found: CompletionEvent[] = [];
    for await (const event of streamCompletion(url, { prompt: [1] })) found.push(event);
    assert.deepEqual(found, [
      { content: 'ä', stop: false },
      { content: '\n\n', stop: false },
      { content: '', stop: true },
    ]);
  });

  it('asks for a stream, and closes the connection when the loop is left', async () => {
    let asked = '';
    const closed = new Promise<void>((fulfil) => {
      void serve((request, response) => {
        request.on('data', (chunk: Buffer) => (asked += chunk.toString()));
        response.on('close', fulfil);
        response.write('data: {"content":"a","stop":false}\n\n');
      }).then(async (url) => {
        for await (const event of streamCompletion(url, { prompt: [1] })) if (event.content === 'a') break;
      });
    });
    await closed;
    assert.deepEqual(JSON.parse(asked), { prompt: [1], stream: true });
  });

  it('fails with the answer of a server that refuses', async () => {
    const url = await serve((_request, response) => {
      response.statusCode = 400;
      response.end('{"error":"too long"}');
    });
    await assert.rejects(streamCompletion(url, {}).next(), /answered 400: \{"error":"too long"\}/);
  });

  it('cannot come from a program that ends; what it wrote says why', async () => {
    const options = { program: process.execPath, modelPath: 'model.gguf', threads: 1, contextTokens: 64 };
    await assert.rejects(startLlamaServer(options), /llama-server: it ended[^]*bad option/);
    await assert.rejects(startLlamaServer({ ...options, program: 'no-such-program' }), /ENOENT/);
  });
});

describe('infillBody', () => {
  it('splits a prompt that fills in the middle, and no other', () => {
    const prompt = [
      { special: 'fim_prefix' as const },
      { text: 'before' },
      { special: 'fim_suffix' as const },
      { text: 'after' },
      { special: 'fim_middle' as const },
    ];
    assert.deepEqual(infillBody(prompt), {
      path: '/infill',
      body: { input_prefix: 'before', input_suffix: 'after' },
    });
    assert.equal(infillBody([{ text: 'before' }]), undefined);
    assert.equal(infillBody([...prompt, { text: 'middle' }]), undefined);
    assert.equal(infillBody(prompt.slice(1)), undefined);
  });
});
