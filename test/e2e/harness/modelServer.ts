/** A hub on this machine: serves the real weights, or does not quite. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { DEFAULT_MODEL } from '../../../src/inference/store/catalogue';

/** `slow` sends a part at once and the rest in drops; `damaged` sends all of it with one bit changed. */
export type ModelServerMode = 'right' | 'damaged' | 'slow';

export interface ModelServer {
  /** For the setting `qwenCoder.hubEndpoint`. */
  readonly endpoint: string;
  mode: ModelServerMode;
  /** Paths that were asked for, oldest first. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A tenth of the weights: enough to see progress. */
const SLOW_AFTER_BYTES = 50_000_000;
/** At this pace the rest takes some twenty minutes. */
const DROP_BYTES = 64 * 1024;
const DROP_EVERY_MS = 200;
/** Somewhere in the middle of a tensor. */
const DAMAGED_BYTE = 300_000_000;

/** @param weights path of the published file */
export async function startModelServer(weights: string): Promise<ModelServer> {
  const asked: string[] = [];
  const { repo, revision, file } = DEFAULT_MODEL.hub;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url !== `/${repo}/resolve/${revision}/${file}`) {
      response.writeHead(404).end();
      return;
    }
    // Who breaks off gets no more; that is no failure of ours.
    send(weights, started.mode, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const started: ModelServer = {
    endpoint: `http://127.0.0.1:${port}`,
    mode: 'right',
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return started;
}

async function send(weights: string, mode: ModelServerMode, response: ServerResponse): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': statSync(weights).size,
  });
  switch (mode) {
    case 'right':
      return pipeline(createReadStream(weights), response);
    case 'damaged':
      return pipeline(createReadStream(weights), flipBitAt(DAMAGED_BYTE), response);
    case 'slow':
      await pipeline(createReadStream(weights, { end: SLOW_AFTER_BYTES - 1 }), response, { end: false });
      return pipeline(drops(weights, SLOW_AFTER_BYTES), response);
  }
}

function flipBitAt(position: number): Transform {
  let sent = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = position - sent;
      sent += chunk.length;
      if (at >= 0 && at < chunk.length) chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at);
      done(null, chunk);
    },
  });
}

async function* drops(path: string, start: number): AsyncGenerator<Buffer> {
  for await (const drop of createReadStream(path, { start, highWaterMark: DROP_BYTES })) {
    yield drop as Buffer;
    await setTimeout(DROP_EVERY_MS);
  }
}
