/**
 * `fetch` through a proxy, by undici, which is what Node's own `fetch` is made of; Node 20 offers no way to give that
 * one a proxy. Connections are tunnelled (`CONNECT`), so a proxy sees no more of https than the host's name.
 */
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
  const excluded = noProxyTest(proxy.noProxy ?? []);
  // By origin, since a redirect may lead from one that needs the proxy to one that does not. Undici's own class for
  // this, EnvHttpProxyAgent, is experimental in this version and says so on standard error.
  const dispatcher = new undici.Agent({
    factory: (origin) =>
      excluded(new URL(origin))
        ? new undici.Pool(origin, { connect: tls })
        : new undici.ProxyAgent({
            uri: proxy.url,
            requestTls: tls,
            proxyTls: tls,
            ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
          }),
  });
  const through = (input: string | URL, init?: object): Promise<unknown> =>
    undici.fetch(input, { ...init, dispatcher });
  return {
    // The same implementation as the global one, in another version.
    fetch: through as typeof fetch,
    close: () => dispatcher.destroy(),
  };
}

/** Whether a host is to be reached without the proxy: by its name, or a name above it, with or without port. */
function noProxyTest(noProxy: readonly string[]): (url: URL) => boolean {
  const entries = noProxy.map((entry) => {
    const wanted = entry.trim().toLowerCase();
    // An IPv6 address without brackets has no port.
    if (/^[^[]*:.*:/.test(wanted)) return { name: `[${wanted}]`, port: undefined };
    const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(wanted) ?? [];
    return { name: name.replace(/^\*?\./, ''), port };
  });
  return ({ hostname, port, protocol }) => {
    const actual = port || (protocol === 'https:' ? '443' : '80');
    return entries.some(
      (entry) =>
        (entry.port === undefined || entry.port === actual) &&
        (entry.name === '*' || hostname === entry.name || hostname.endsWith(`.${entry.name}`)),
    );
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
