/** A file on a real server that knows ranges, and can be told to behave badly. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLocalServer, type LocalServer } from './localServer';

export interface RangeServerBehaviour {
  /** What is served; may be changed between requests. */
  content: Buffer;
  etag?: string;
  lastModified?: string;
  /** Sends everything, whatever was asked for. */
  ignoreRanges?: boolean;
  /** The connection breaks when so many bytes of the file's body have been sent, once for each number. */
  cuts?: number[];
  /** Sends so many bytes of a body and then nothing more, without an end. */
  holdAfter?: number;
  /** Answers before anything else; true when it has. */
  first?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface RangeServer extends LocalServer {
  readonly behaviour: RangeServerBehaviour;
  /** `Range` and `If-Range` of the requests so far. */
  readonly ranges: { readonly range: string | undefined; readonly ifRange: string | undefined }[];
}

export async function startRangeServer(behaviour: RangeServerBehaviour): Promise<RangeServer> {
  const ranges: RangeServer['ranges'] = [];
  const server = await startLocalServer((request, response) => {
    ranges.push({ range: request.headers.range, ifRange: request.headers['if-range']?.toString() });
    if (behaviour.first?.(request, response) === true) return;
    answer(behaviour, request, response);
  });
  return { ...server, asked: server.asked, behaviour, ranges };
}

function answer(behaviour: RangeServerBehaviour, request: IncomingMessage, response: ServerResponse): void {
  const { content, etag, lastModified, ignoreRanges, cuts, holdAfter } = behaviour;
  const version = { ...(etag && { ETag: etag }), ...(lastModified && { 'Last-Modified': lastModified }) };
  const start = ignoreRanges === true ? 0 : startOf(behaviour, request);
  if (start >= content.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
    return;
  }
  const length = content.length - start;
  const range = { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, {
    'Content-Length': length,
    ...version,
    ...(start > 0 ? range : {}),
  });
  const cut = cuts?.shift();
  if (holdAfter !== undefined) response.write(content.subarray(start, start + holdAfter));
  else if (cut === undefined) response.end(content.subarray(start));
  else breakAfter(response, content.subarray(start, start + cut));
}

/** Long enough for the bytes to be read on the other side: what still queues there is lost with the connection. */
const CUT_MS = 20;

function breakAfter(response: ServerResponse, bytes: Buffer): void {
  response.flushHeaders();
  response.write(bytes, () => setTimeout(() => response.destroy(), CUT_MS));
}

/** Where the body begins: `If-Range` of another version means at the beginning. */
function startOf({ etag, lastModified }: RangeServerBehaviour, request: IncomingMessage): number {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const wanted = request.headers['if-range']?.toString();
  return wanted === undefined || wanted === etag || wanted === lastModified ? start : 0;
}
