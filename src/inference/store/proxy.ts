/** The proxy that downloads go through. */

export interface ProxyOptions {
  /** `http://host:port` or `https://host:port`; a name and password may stand in it. */
  readonly url: string;
  /** Hosts that are reached without it: names that also stand for what is below them, `*` for all, with or without port. */
  readonly noProxy?: readonly string[];
  /** false accepts certificates that nobody vouches for, the proxy's and the server's. */
  readonly strictSSL?: boolean;
  /** Value of the `Proxy-Authorization` header. */
  readonly authorization?: string;
}

/**
 * The proxy that the environment names: `https_proxy`, else `http_proxy`, else `all_proxy`, and `no_proxy`, each also in
 * capitals.
 *
 * @returns undefined where none is named
 */
export function proxyFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ProxyOptions | undefined {
  const read = (name: string): string => env[name] || env[name.toUpperCase()] || '';
  const url = read('https_proxy') || read('http_proxy') || read('all_proxy');
  if (url === '') return undefined;
  const noProxy = read('no_proxy')
    .split(/[\s,]+/)
    .filter((host) => host !== '');
  return { url: url.includes('://') ? url : `http://${url}`, ...(noProxy.length > 0 ? { noProxy } : {}) };
}
