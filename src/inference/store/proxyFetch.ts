/**
 * `fetch` through a proxy, by undici, which is what Node's own `fetch` is made of; Node 20 offers no way to give that
 * one a proxy. Connections are tunnelled (`CONNECT`), so a proxy sees no more of https than the host's name.
 */
import type { EnvHttpProxyAgent, ProxyAgent } from 'undici';
import { EngineError } from '../errors';
import type { ProxyOptions } from './proxy';

export interface Connection {
  readonly fetch: typeof fetch;
  /** Ends connections that are kept open. */
  close(): Promise<void>;
}

/**
 * @param direct what fetches where there is no proxy; default: the global `fetch`, which an editor may have taught its
 *   own ways out
 * @throws EngineError `network` for an address that is no http(s) proxy
 */
export async function openFetch(proxy: ProxyOptions | undefined, direct?: typeof fetch): Promise<Connection> {
  if (proxy === undefined) return { fetch: direct ?? fetch, close: async () => undefined };
  requireHttp(proxy.url);
  // Loaded when first needed: most people have no proxy.
  const undici = await import('undici');
  const tls = { rejectUnauthorized: proxy.strictSSL !== false };
  const options: EnvHttpProxyAgent.Options & Omit<ProxyAgent.Options, 'uri'> = {
    httpProxy: proxy.url,
    httpsProxy: proxy.url,
    noProxy: (proxy.noProxy ?? []).join(','),
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
    ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
  };
  const dispatcher = new undici.EnvHttpProxyAgent(options);
  const through = (input: string | URL, init?: object): Promise<unknown> =>
    undici.fetch(input, { ...init, dispatcher });
  return {
    // The same implementation as the global one, in another version.
    fetch: through as typeof fetch,
    close: () => dispatcher.destroy(),
  };
}

function requireHttp(address: string): void {
  const protocol = URL.canParse(address) ? new URL(address).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return;
  throw new EngineError(
    'network',
    `Downloads go through http and https proxies only; the proxy "${withoutPassword(address)}" is none.`,
  );
}

const withoutPassword = (address: string): string => address.replace(/\/\/[^@/]*@/, '//');
