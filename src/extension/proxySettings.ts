/** The proxy for downloads, by the editor's own settings. */
import { proxyFromEnvironment, type ProxyOptions } from '../inference/store/proxy';

type HttpSetting = 'proxy' | 'proxySupport' | 'noProxy' | 'proxyStrictSSL' | 'proxyAuthorization';

/**
 * As the settings `http.*` say; where they name no proxy, as the environment says. Wrong types count as absent.
 *
 * @param read a setting below `http`
 * @returns undefined where downloads go without a proxy of ours; the editor's own `fetch` may then still know one
 */
export function proxyOptions(
  read: (key: HttpSetting) => unknown,
  env: Readonly<Record<string, string | undefined>>,
): ProxyOptions | undefined {
  if (read('proxySupport') === 'off') return undefined;
  const url = read('proxy');
  const named =
    typeof url === 'string' && url.trim() !== '' ? { url: url.trim() } : proxyFromEnvironment(env);
  if (named === undefined) return undefined;
  const noProxy = read('noProxy');
  const hosts = Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === 'string') : [];
  const authorization = read('proxyAuthorization');
  return {
    ...named,
    ...(hosts.length > 0 ? { noProxy: hosts } : {}),
    strictSSL: read('proxyStrictSSL') !== false,
    ...(typeof authorization === 'string' && authorization !== '' ? { authorization } : {}),
  };
}
