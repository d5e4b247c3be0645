/** Addresses on a hub, and what goes wrong on the way there. */
import { EngineError } from '../errors';
import type { CatalogueModel } from './catalogue';
import { systemCodeOf } from './fileLayer';

/**
 * Address of a model's weights: `<endpoint>/<repo>/<view>/<revision>/<file>`, as on the Hugging Face hub. The view
 * `resolve` is the file itself, `raw` what the repository holds of it, a Git LFS pointer.
 *
 * @throws EngineError `network` when the endpoint is not an http(s) address: for the person that is a download that
 *   cannot work until the address is put right
 */
export function modelUrl(
  endpoint: string,
  model: Pick<CatalogueModel, 'hub'>,
  view: 'resolve' | 'raw' = 'resolve',
): string {
  const { repo, revision, file } = model.hub;
  const base = httpUrl(endpoint);
  const segments = [...repo.split('/'), view, revision, file].map(encodeURIComponent);
  base.pathname = [base.pathname.replace(/\/+$/, ''), ...segments].join('/');
  return base.href;
}

/** @throws EngineError `network` when this is not an http(s) address */
export function httpUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new EngineError('network', `The download address "${address}" is not an http(s) address.`);
  }
  return url;
}

/** What a failed `fetch` means. */
export function networkError(error: unknown): EngineError {
  // `fetch` hides the reason (ECONNREFUSED, ENOTFOUND, a certificate) in `cause`.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  const systemCode = systemCodeOf(cause);
  return new EngineError(
    'network',
    `The download failed: ${reason}.`,
    systemCode === undefined ? undefined : { systemCode },
    { cause: error },
  );
}

/** What an answer other than a success means. */
export function statusError(status: number): EngineError {
  const meaning =
    status === 404
      ? 'the server does not have the file (status 404)'
      : status === 401 || status === 403
        ? `the server refuses access (status ${status})`
        : `the server answered with status ${status}`;
  return new EngineError('network', `The download failed: ${meaning}.`, { status });
}

/** Whether trying again may help: a connection that broke or a server that is busy, but no clear refusal. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof EngineError) || error.code !== 'network') return false;
  const status = error.detail?.['status'];
  return typeof status !== 'number' || status >= 500 || status === 408 || status === 429;
}
