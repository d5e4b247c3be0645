/** What the publisher says about a file before it is fetched: its size and its SHA-256. */
import { EngineError } from '../errors';
import type { CatalogueModel } from './catalogue';
import { modelUrl, networkError, statusError } from './hub';
import type { ExpectedFile } from './partFile';
import { chunksOf } from './rangeRequest';

const SHA256 = /^[0-9a-f]{64}$/;
/** A pointer has some 130 bytes; whatever is much longer is none. */
const MAX_POINTER_BYTES = 4096;

/**
 * Asks a hub for size and SHA-256 of a model's weights: first by the headers `X-Linked-Size` and `X-Linked-Etag`,
 * which the Hugging Face hub sends for files in large-file storage, then by the Git LFS pointer under `raw/`
 * (format: git-lfs docs/spec.md), which a mirror may have.
 *
 * @throws EngineError `network`, also where the hub tells neither; `aborted`
 */
export async function publishedSum(
  endpoint: string,
  model: CatalogueModel,
  fetcher: typeof fetch,
  signal?: AbortSignal,
): Promise<ExpectedFile> {
  const options = signal === undefined ? {} : { signal };
  try {
    const head = await fetcher(modelUrl(endpoint, model), {
      ...options,
      method: 'HEAD',
      // The headers are the hub's; behind its redirect is the storage, which does not have them.
      redirect: 'manual',
      headers: { 'Accept-Encoding': 'identity' },
    });
    const linked = fromHeaders(head.headers);
    if (linked !== undefined) return linked;
    const raw = await fetcher(modelUrl(endpoint, model, 'raw'), options);
    if (!raw.ok) throw statusError(raw.status);
    const pointer = fromPointer(await firstBytes(raw));
    if (pointer !== undefined) return pointer;
  } catch (error) {
    if (signal?.aborted === true) throw new EngineError('aborted', 'Cancelled.');
    throw error instanceof EngineError ? error : networkError(error);
  }
  throw new EngineError(
    'network',
    `${endpoint} does not say which SHA-256 ${model.name} has; nothing was fetched.`,
  );
}

function fromHeaders(headers: Headers): ExpectedFile | undefined {
  const sha256 = headers.get('x-linked-etag')?.replace(/^W\//, '').replaceAll('"', '').toLowerCase() ?? '';
  return checked(Number(headers.get('x-linked-size')), sha256);
}

function fromPointer(text: string): ExpectedFile | undefined {
  if (!text.startsWith('version https://git-lfs')) return undefined;
  const sha256 = /^oid sha256:([0-9a-f]+)$/m.exec(text)?.[1] ?? '';
  return checked(Number(/^size (\d+)$/m.exec(text)?.[1]), sha256);
}

const checked = (bytes: number, sha256: string): ExpectedFile | undefined =>
  Number.isSafeInteger(bytes) && bytes > 0 && SHA256.test(sha256) ? { bytes, sha256 } : undefined;

/** The beginning of a body; the weights themselves may stand where a pointer is expected. */
async function firstBytes({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MAX_POINTER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_POINTER_BYTES).toString('latin1');
}
