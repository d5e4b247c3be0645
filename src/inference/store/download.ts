/**
 * Downloads one file of known size and SHA-256.
 *
 * Plain `fetch` and not `downloadFile` of `@huggingface/hub` (read and tried at 2.17): that one first asks for one
 * byte and fails unless the answer carries `Content-Range` and `ETag`, so a mirror that is a folder on a plain web
 * server does not work; its stream turns every failure into a bare string, so causes cannot be told apart; and it
 * takes no signal. One request whose bytes are hashed on the way needs none of what it offers.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '../errors';
import type { CatalogueModel } from './catalogue';
import { throwIfAborted } from './fileWork';

/** Left free on the disk beyond the file itself, so that a download does not starve the rest of the system. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024;
/** A connection that brings nothing for so long has failed, in milliseconds. */
const STALL_MS = 60_000;
/** Progress is told at most this often, in milliseconds; a chunk has only some 16 KiB. */
const PROGRESS_MS = 100;
/** A temporary file that nobody has written to for so long was left by a process that died, in milliseconds. */
const ABANDONED_MS = 60 * 60 * 1000;
const INCOMPLETE = '.incomplete';

export interface DownloadRequest {
  readonly url: string;
  /** Absolute path; folders above it are created. Replaced only by a file that has been checked. */
  readonly target: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** `received` and `total` in bytes. */
  readonly onProgress?: (received: number, total: number) => void;
  readonly fetch?: typeof fetch;
  /** Free bytes for this person on the disk of a folder; undefined where the system does not tell. */
  readonly freeBytes?: (dir: string) => Promise<number | undefined>;
  readonly stallMs?: number;
}

/**
 * Address of a model's weights: `<endpoint>/<repo>/resolve/<revision>/<file>`, as on the Hugging Face hub.
 *
 * @throws EngineError `network` when the endpoint is not an http(s) address: for the person that is a download that
 *   cannot work until the address is put right
 */
export function modelUrl(endpoint: string, model: CatalogueModel): string {
  const { repo, revision, file } = model.hub;
  const base = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (base === undefined || !['http:', 'https:'].includes(base.protocol)) {
    throw new EngineError('network', `The download address "${endpoint}" is not an http(s) address.`);
  }
  const segments = [...repo.split('/'), 'resolve', revision, file].map(encodeURIComponent);
  base.pathname = [base.pathname.replace(/\/+$/, ''), ...segments].join('/');
  return base.href;
}

/**
 * Downloads to a temporary name beside the target and renames once size and SHA-256 are right. Whatever goes
 * wrong, the temporary file is removed and a file that was at the target stays.
 *
 * @throws EngineError `network` (unreachable, refused, cut off, a web page instead of the file),
 *   `checksum-mismatch` (another file), `disk-full`, `io`, `aborted`
 */
export async function downloadFile(request: DownloadRequest, options: DownloadOptions = {}): Promise<void> {
  const dir = dirname(request.target);
  // Each download has a temporary file of its own: two windows may waste bandwidth but not spoil each other's file.
  const temporary = `${request.target}.${randomUUID()}${INCOMPLETE}`;
  try {
    throwIfAborted(options.signal);
    await mkdir(dir, { recursive: true });
    await removeAbandoned(request.target);
    await requireDiskSpace(dir, request.bytes, options.freeBytes ?? freeBytesOf);
    await receive(request, temporary, options);
    throwIfAborted(options.signal);
    await rename(temporary, request.target);
  } catch (error) {
    throw EngineError.from(error, 'io');
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Streams the body into the temporary file and checks size and sum. */
async function receive(request: DownloadRequest, temporary: string, options: DownloadOptions): Promise<void> {
  const stall = new StallGuard(options.stallMs ?? STALL_MS, options.signal);
  try {
    const body = await openBody(request, stall.signal, options.fetch ?? fetch);
    const hash = createHash('sha256');
    const file = await open(temporary, 'wx');
    let received = 0;
    let toldAt = 0;
    try {
      for await (const chunk of chunksOf(body)) {
        stall.alive();
        received += chunk.length;
        if (received > request.bytes) throw otherFile(request, 'more than the published size');
        hash.update(chunk);
        await file.writeFile(chunk);
        const now = performance.now();
        if (now - toldAt >= PROGRESS_MS || received === request.bytes) {
          toldAt = now;
          options.onProgress?.(received, request.bytes);
        }
      }
      throwIfAborted(options.signal);
      if (received < request.bytes) {
        throw new EngineError('network', `The download ended after ${received} of ${request.bytes} bytes.`, {
          received,
          expectedBytes: request.bytes,
        });
      }
      // Before the rename: a power cut must not leave the final name on a file without its content.
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = hash.digest('hex');
    if (sha256 !== request.sha256) throw otherFile(request, 'its SHA-256 differs', { sha256 });
  } catch (error) {
    throwIfAborted(options.signal);
    throw stall.stalled ? stallError(options.stallMs ?? STALL_MS) : error;
  } finally {
    stall.end();
  }
}

/** Asks for the file and refuses answers that cannot be it before anything is written. */
async function openBody(
  request: DownloadRequest,
  signal: AbortSignal,
  fetcher: typeof fetch,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response;
  try {
    // `identity`: a compressed transfer would make Content-Length meaningless, and weights do not compress.
    response = await fetcher(request.url, { signal, headers: { 'Accept-Encoding': 'identity' } });
  } catch (error) {
    throw networkError(error);
  }
  const refuse = async (error: EngineError): Promise<never> => {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  };
  if (!response.ok) return refuse(statusError(response.status));
  if (response.headers.get('content-type')?.toLowerCase().startsWith('text/html') === true) {
    return refuse(
      new EngineError(
        'network',
        'The server answered with a web page instead of the file (a proxy’s or a login page?).',
        { status: response.status },
      ),
    );
  }
  const announced = response.headers.get('content-length');
  if (announced !== null && Number(announced) !== request.bytes) {
    return refuse(otherFile(request, `${announced} bytes`));
  }
  if (response.body === null)
    return refuse(new EngineError('network', 'The server answered without a body.'));
  return response.body;
}

/** The chunks of a body; what breaks while reading is `network`, apart from what breaks while writing. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
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

/** Aborts a request when the caller does, or when nothing has arrived for too long. */
class StallGuard {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#controller.abort();
  stalled = false;

  constructor(
    stallMs: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.#controller.abort();
    }, stallMs);
    outer?.addEventListener('abort', this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  alive(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.outer?.removeEventListener('abort', this.#onAbort);
  }
}

async function requireDiskSpace(
  dir: string,
  bytes: number,
  freeBytes: (dir: string) => Promise<number | undefined>,
): Promise<void> {
  const free = await freeBytes(dir);
  const needed = bytes + DISK_RESERVE_BYTES;
  if (free !== undefined && free < needed) {
    throw new EngineError(
      'disk-full',
      `The disk of ${dir} has ${megabytes(free)} MB free; the download needs ${megabytes(needed)} MB.`,
      { dir, freeBytes: free, neededBytes: needed },
    );
  }
}

async function freeBytesOf(dir: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    // Some network file systems do not tell; a full disk then shows while writing.
    return undefined;
  }
}

/** Removes temporary files of downloads that died; one that is running writes all the time. */
async function removeAbandoned(target: string): Promise<void> {
  const dir = dirname(target);
  const prefix = `${basename(target)}.`;
  for (const name of await readdir(dir)) {
    if (!name.startsWith(prefix) || !name.endsWith(INCOMPLETE)) continue;
    const path = join(dir, name);
    const modified = await stat(path).catch(() => undefined);
    if (modified !== undefined && Date.now() - modified.mtimeMs > ABANDONED_MS) {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}

function networkError(error: unknown): EngineError {
  // `fetch` hides the reason (ECONNREFUSED, ENOTFOUND, a certificate) in `cause`.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  const systemCode = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return new EngineError(
    'network',
    `The download failed: ${reason}.`,
    systemCode === undefined ? undefined : { systemCode },
    { cause: error },
  );
}

function statusError(status: number): EngineError {
  const meaning =
    status === 404
      ? 'the server does not have the file (status 404)'
      : status === 401 || status === 403
        ? `the server refuses access (status ${status})`
        : `the server answered with status ${status}`;
  return new EngineError('network', `The download failed: ${meaning}.`, { status });
}

const stallError = (stallMs: number): EngineError =>
  new EngineError('network', `The download failed: nothing arrived for ${stallMs / 1000} seconds.`);

function otherFile(
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

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
