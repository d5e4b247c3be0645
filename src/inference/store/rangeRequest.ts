/** Asking a server for the rest of a file, and making sure that it is what comes (RFC 9110, section 14). */
import { EngineError } from '../errors';
import type { DownloadRequest } from './download';
import { networkError, statusError } from './hub';
import type { PartFile } from './partFile';

export interface Rest {
  /** Where the body begins in the file: behind what is there, or at 0 where the server sends all of it. */
  readonly start: number;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Asks for what is missing; refuses answers that cannot be it before anything is written.
 * @throws EngineError `network`, `checksum-mismatch`
 */
export async function askForRest(
  request: DownloadRequest,
  part: PartFile,
  signal: AbortSignal,
  fetcher: typeof fetch,
): Promise<Rest> {
  const have = part.received < request.bytes ? part.received : 0;
  const response = await ask(request.url, rangeHeaders(request.url, part, have), signal, fetcher);
  if (response.status === 200 || isRangeFrom(have, response)) return accept(request, have, response);
  if (have === 0 || ![206, 416].includes(response.status)) return accept(request, 0, response);
  // A part that the server calls impossible, or cannot cut off where it was asked to: all of it then.
  await response.body?.cancel().catch(() => undefined);
  return accept(request, 0, await ask(request.url, {}, signal, fetcher));
}

/** `Content-Range: bytes START-END/TOTAL`, where the total may be `*`. */
const CONTENT_RANGE = /^bytes (\d+)-\d+\/(\d+|\*)$/;

function isRangeFrom(start: number, { status, headers }: Response): boolean {
  const found = CONTENT_RANGE.exec(headers.get('content-range') ?? '')?.[1];
  return status === 206 && start > 0 && Number(found) === start;
}

function rangeHeaders(url: string, part: PartFile, have: number): Record<string, string> {
  if (have === 0) return {};
  const validator = part.validatorFor(url);
  return { Range: `bytes=${have}-`, ...(validator === undefined ? {} : { 'If-Range': validator }) };
}

async function ask(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  fetcher: typeof fetch,
): Promise<Response> {
  try {
    // `identity`: a compressed transfer would make lengths meaningless, and weights do not compress.
    return await fetcher(url, { signal, headers: { 'Accept-Encoding': 'identity', ...headers } });
  } catch (error) {
    throw networkError(error);
  }
}

async function accept(request: DownloadRequest, have: number, response: Response): Promise<Rest> {
  const problem = problemOf(request, have, response);
  const { body, headers } = response;
  if (problem === undefined && body !== null) {
    return { start: response.status === 206 ? have : 0, headers, body };
  }
  await body?.cancel().catch(() => undefined);
  throw problem ?? new EngineError('network', 'The server answered without a body.');
}

/** What is wrong with an answer; undefined where its body may be read. */
function problemOf(request: DownloadRequest, have: number, response: Response): EngineError | undefined {
  const { status, headers } = response;
  if (!response.ok) return statusError(status);
  if (headers.get('content-type')?.toLowerCase().startsWith('text/html') === true) {
    return new EngineError(
      'network',
      'The server answered with a web page instead of the file (a proxy’s or a login page?).',
      { status },
    );
  }
  if (status === 206 && !isRangeFrom(have, response)) {
    return new EngineError('network', 'The server sent a part of the file where all of it was asked for.', {
      status,
    });
  }
  const announced =
    status === 206
      ? CONTENT_RANGE.exec(headers.get('content-range') ?? '')?.[2]?.replace('*', '')
      : headers.get('content-length');
  return announced === null ||
    announced === undefined ||
    announced === '' ||
    Number(announced) === request.bytes
    ? undefined
    : otherFile(request, `${announced} bytes`);
}

/** The chunks of a body; what breaks while reading is `network`, apart from what breaks while writing. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const step = await reader.read().catch((error: unknown) => {
        throw networkError(error);
      });
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export function otherFile(
  request: DownloadRequest,
  what: string,
  found: Readonly<Record<string, string>> = {},
): EngineError {
  return new EngineError(
    'checksum-mismatch',
    `The server sent another file than the published one (${what}); nothing was kept.`,
    { expectedBytes: request.bytes, expectedSha256: request.sha256, ...found },
  );
}
