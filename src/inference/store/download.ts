/**
 * Downloads one file of known size and SHA-256; a connection that is cut or a process that is killed costs only what
 * had not arrived.
 *
 * Plain `fetch` and not `downloadFile` of `@huggingface/hub` (read and tried at 2.17): that one first asks for one
 * byte and fails unless the answer carries `Content-Range` and `ETag`, so a mirror that is a folder on a plain web
 * server does not work; its stream turns every failure into a bare string, so causes cannot be told apart; it takes
 * no signal, and it does not resume.
 */
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../errors';
import { requireDiskSpace } from './diskSpace';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { throwIfAborted } from './fileWork';
import { hashFile } from './hashFile';
import { mayPass } from './hub';
import { withLock } from './interProcessLock';
import { PartFile, partPath, type ExpectedFile } from './partFile';
import { askForRest, chunksOf, otherFile } from './rangeRequest';
import { StallGuard } from './stallGuard';

/** A connection that brings nothing for so long has failed, in milliseconds. */
const STALL_MS = 60_000;
/** Progress is told at most this often, in milliseconds; a chunk has only some 16 KiB. */
const PROGRESS_MS = 100;
/** How often in a row a connection may break without having brought `PROGRESS_BYTES`. */
const MAX_BREAKS = 5;
const PROGRESS_BYTES = 1024 * 1024;
/** Pause before the first try again, doubled each time, in milliseconds. */
const BACKOFF_MS = 1000;
/** A temporary file that nobody has written to for so long was left by a process that died, in milliseconds. */
const ABANDONED_MS = 60 * 60 * 1000;

export interface DownloadRequest extends ExpectedFile {
  readonly url: string;
  /** Absolute path; folders above it are created. Replaced only by a file that has been checked. */
  readonly target: string;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** `received` and `total` in bytes; while another process downloads the same file, what that one has received. */
  readonly onProgress?: (received: number, total: number) => void;
  readonly fetch?: typeof fetch;
  readonly files?: FileLayer;
  readonly stallMs?: number;
  readonly backoffMs?: number;
}

/**
 * Downloads to `<target>.part` and renames once size and SHA-256 are right; a file that was at the target stays until
 * then, and is all that is needed if it is the right one. What has arrived is kept when the download is cancelled or
 * breaks, and is gone on with the next time; what turns out to be another file is removed. Connections that break are
 * taken up again some times. While another process downloads to the same target, this one waits for it.
 *
 * @throws EngineError `network` (unreachable, refused, cut off too often, a web page instead of the file),
 *   `checksum-mismatch` (another file), `disk-full`, `io`, `aborted`
 */
export async function downloadFile(request: DownloadRequest, options: DownloadOptions = {}): Promise<void> {
  const { signal, onProgress, files = NODE_FILES } = options;
  const { target, bytes } = request;
  try {
    throwIfAborted(signal);
    const onWait = (): void => {
      void files.stat(partPath(target)).then(
        ({ size }) => onProgress?.(Math.min(size, bytes), bytes),
        () => undefined,
      );
    };
    await withLock(target, { files, onWait, ...(signal && { signal }) }, async ({ lost }) => {
      if (await isThere(request, files, () => lost.aborted || signal?.aborted === true)) return;
      await removeAbandoned(target, files);
      await new Download(request, options, files, lost).run();
    });
  } catch (error) {
    throw EngineError.from(error, 'io');
  }
}

async function isThere(
  { target, bytes, sha256 }: DownloadRequest,
  files: FileLayer,
  isAborted: () => boolean,
): Promise<boolean> {
  const found = await files.stat(target).catch(() => undefined);
  return found?.size === bytes && (await hashFile(target, { files, isAborted })) === sha256;
}

/** One download, over as many connections as it takes. */
class Download {
  readonly #outer: readonly AbortSignal[];
  #breaks = 0;
  /** Bytes at the last break that counted as progress. */
  #furthest = 0;
  /** A server has answered with the file: what breaks from now on may pass. */
  #answered = false;
  /** All bytes of the part are from one uninterrupted answer. */
  #inOnePiece = true;
  /** The first progress is always told. */
  #toldAt = -Infinity;

  constructor(
    private readonly request: DownloadRequest,
    private readonly options: DownloadOptions,
    private readonly files: FileLayer,
    lost: AbortSignal,
  ) {
    this.#outer = options.signal === undefined ? [lost] : [lost, options.signal];
  }

  async run(): Promise<void> {
    const part = await PartFile.open(this.request.target, this.request, this.files, () => this.#isStopped());
    try {
      this.#inOnePiece = part.received === 0;
      this.#furthest = part.received;
      await requireDiskSpace(
        dirname(this.request.target),
        this.request.bytes - part.received,
        'the download',
        this.files,
      );
      while (!(await this.#isComplete(part))) await this.#connect(part);
      this.#throwIfStopped();
      await part.finish();
    } finally {
      await (part.received === 0 ? part.discard() : part.close()).catch(() => undefined);
    }
  }

  /** Whether the file is there and right. What is not right is fetched once more from its beginning, if at all. */
  async #isComplete(part: PartFile): Promise<boolean> {
    if (part.received < this.request.bytes) return false;
    const sha256 = part.sha256;
    if (part.received === this.request.bytes && sha256 === this.request.sha256) return true;
    if (this.#inOnePiece) {
      await part.discard();
      throw part.received > this.request.bytes
        ? otherFile(this.request, 'more than the published size')
        : otherFile(this.request, 'its SHA-256 differs', { sha256 });
    }
    // Pieces of two files, perhaps: the server has changed its file, or a killed process left the part damaged.
    await part.restart();
    this.#inOnePiece = true;
    this.#furthest = 0;
    return false;
  }

  /** One connection; where it breaks and that may pass, returns after a pause. */
  async #connect(part: PartFile): Promise<void> {
    try {
      await this.#receive(part);
    } catch (error) {
      this.#throwIfStopped();
      if (!this.#answered || !mayPass(error)) throw error;
      await this.#pause(part, error);
    }
  }

  async #pause(part: PartFile, error: unknown): Promise<void> {
    if (part.received >= this.#furthest + PROGRESS_BYTES) {
      this.#furthest = part.received;
      this.#breaks = 0;
    }
    if (++this.#breaks > MAX_BREAKS) throw error;
    const pause = (this.options.backoffMs ?? BACKOFF_MS) * 2 ** (this.#breaks - 1);
    await sleep(pause, undefined, { signal: AbortSignal.any([...this.#outer]) }).catch(() => undefined);
    this.#throwIfStopped();
  }

  /** Asks for what is missing and appends it. */
  async #receive(part: PartFile): Promise<void> {
    const guard = new StallGuard(this.options.stallMs ?? STALL_MS, this.#outer);
    try {
      const { request, options } = this;
      const rest = await askForRest(request, part, guard.signal, options.fetch ?? fetch);
      this.#answered = true;
      if (rest.start === 0) {
        await part.restart();
        this.#inOnePiece = true;
      } else {
        this.#inOnePiece = false;
      }
      await part.belongsTo(request.url, request, rest.headers);
      for await (const chunk of chunksOf(rest.body)) {
        guard.alive();
        await part.append(chunk);
        if (part.received > request.bytes) return;
        this.#tell(part.received);
      }
      if (part.received < request.bytes) {
        throw new EngineError(
          'network',
          `The download ended after ${part.received} of ${request.bytes} bytes.`,
          { received: part.received, expectedBytes: request.bytes },
        );
      }
    } catch (error) {
      throw guard.explain(error);
    } finally {
      guard.end();
    }
  }

  #tell(received: number): void {
    const now = performance.now();
    if (now - this.#toldAt < PROGRESS_MS && received !== this.request.bytes) return;
    this.#toldAt = now;
    this.options.onProgress?.(received, this.request.bytes);
  }

  #isStopped(): boolean {
    return this.#outer.some((signal) => signal.aborted);
  }

  #throwIfStopped(): void {
    if (this.#isStopped()) throw new EngineError('aborted', 'Cancelled.');
  }
}

/** Removes temporary files of processes that died; whoever holds the lock is the only one at work on the target. */
async function removeAbandoned(target: string, files: FileLayer): Promise<void> {
  const dir = dirname(target);
  const prefix = `${basename(target)}.`;
  for (const name of await files.readdir(dir)) {
    if (!name.startsWith(prefix) || !/\.(tmp|incomplete)$/.test(name)) continue;
    const path = join(dir, name);
    const modified = await files.stat(path).catch(() => undefined);
    // A file that a person has chosen is taken over without the lock.
    const running = name.endsWith('.incomplete') && Date.now() - (modified?.mtimeMs ?? 0) < ABANDONED_MS;
    if (!running) await files.rm(path, { force: true }).catch(() => undefined);
  }
}
