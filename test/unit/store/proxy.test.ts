import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { proxyOptions } from '../../../src/extension/proxySettings';
import { EngineError } from '../../../src/inference/errors';
import { proxyFromEnvironment, type ProxyOptions } from '../../../src/inference/store/proxy';
import { openFetch } from '../../../src/inference/store/proxyFetch';
import { startConnectProxy, type ConnectProxy } from '../../support/connectProxy';
import { startLocalServer, type LocalServer } from './localServer';

describe('a download through a proxy', () => {
  let server: LocalServer;
  let proxy: ConnectProxy;
  beforeEach(async () => {
    server = await startLocalServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { Location: '/file' }).end();
      else response.end(`range ${request.headers.range ?? 'none'}`);
    });
    proxy = await startConnectProxy();
  });
  afterEach(() => Promise.all([server.close(), proxy.close()]));

  async function get(options: Partial<ProxyOptions>, url = `${server.endpoint}/file`): Promise<string> {
    const connection = await openFetch({ url: proxy.url, ...options });
    try {
      return await (await connection.fetch(url, { headers: { Range: 'bytes=5-' } })).text();
    } finally {
      await connection.close();
    }
  }

  it('goes through it, headers and redirects included', async () => {
    assert.equal(await get({}, `${server.endpoint}/moved`), 'range bytes=5-');
    assert.ok(proxy.tunnels.length > 0);
    assert.ok(proxy.tunnels.every(({ host }) => server.endpoint.endsWith(host)));
  });

  it('goes past it for hosts that are named', async () => {
    const { port } = new URL(server.endpoint);
    const past = [['127.0.0.1'], ['elsewhere.test', ' 127.0.0.1 '], ['*'], [`127.0.0.1:${port}`], ['.0.0.1']];
    for (const noProxy of past) assert.equal(await get({ noProxy }), 'range bytes=5-');
    assert.deepEqual(proxy.tunnels, []);
    const through = [[], ['::1'], ['elsewhere.test'], ['127.0.0.1:1'], ['7.0.0.1'], ['']];
    for (const noProxy of through) assert.equal(await get({ noProxy }), 'range bytes=5-');
    assert.equal(proxy.tunnels.length, through.length);
  });

  it('does not look at the environment where it was told', async () => {
    process.env['NO_PROXY'] = '*';
    try {
      await get({});
    } finally {
      delete process.env['NO_PROXY'];
    }
    assert.equal(proxy.tunnels.length, 1);
  });

  it('gives the proxy its credentials, from the setting or the address', async () => {
    await proxy.close();
    proxy = await startConnectProxy('Basic dXNlcjpwYXNz');
    await get({ authorization: 'Basic dXNlcjpwYXNz' });
    await get({ url: proxy.url.replace('//', '//user:pass@') });
    await assert.rejects(get({}));
    assert.deepEqual(
      proxy.tunnels.map(({ authorization }) => authorization),
      ['Basic dXNlcjpwYXNz', 'Basic dXNlcjpwYXNz', undefined],
    );
  });

  it('accepts a certificate that nobody vouches for only when it is told to', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
    });
    const secure = createServer({ key, cert }, (_request, response) => void response.end('secure'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
    try {
      assert.equal(await get({ strictSSL: false }, url), 'secure');
      assert.equal(await get({ strictSSL: false, noProxy: ['127.0.0.1'] }, url), 'secure');
      await assert.rejects(get({}, url));
      await assert.rejects(get({ noProxy: ['127.0.0.1'] }, url));
      assert.equal(proxy.tunnels.length, 2);
    } finally {
      secure.close();
      secure.closeAllConnections();
    }
  });

  it('refuses what is no http proxy, without showing its password', async () => {
    for (const url of ['socks5://user:secret@127.0.0.1:1080', 'proxy:8080', '']) {
      await assert.rejects(
        openFetch({ url }),
        (error: unknown) =>
          error instanceof EngineError && error.code === 'network' && !error.message.includes('secret'),
      );
    }
  });

  it('uses what it is given where there is no proxy', async () => {
    const own: typeof fetch = async () => new Response('own');
    assert.equal((await openFetch(undefined, own)).fetch, own);
  });
});

describe('proxyFromEnvironment', () => {
  it('reads the usual variables, small before capital, https before http', () => {
    assert.equal(proxyFromEnvironment({}), undefined);
    assert.equal(proxyFromEnvironment({ HTTPS_PROXY: '' }), undefined);
    assert.deepEqual(proxyFromEnvironment({ HTTP_PROXY: 'http://a:1' }), { url: 'http://a:1' });
    assert.deepEqual(proxyFromEnvironment({ HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'b:2' }), {
      url: 'http://b:2',
    });
    assert.deepEqual(
      proxyFromEnvironment({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2', NO_PROXY: 'x.test, .y ' }),
      { url: 'http://b:2', noProxy: ['x.test', '.y'] },
    );
  });
});

describe('proxyOptions', () => {
  const from = (settings: Record<string, unknown>, env: Record<string, string> = {}) =>
    proxyOptions((key) => settings[key], env);

  it('takes the editor’s settings', () => {
    assert.deepEqual(
      from({
        proxy: ' http://proxy.test:3128 ',
        proxyStrictSSL: false,
        proxyAuthorization: 'Basic abc',
        noProxy: ['internal.test'],
        proxySupport: 'override',
      }),
      {
        url: 'http://proxy.test:3128',
        strictSSL: false,
        authorization: 'Basic abc',
        noProxy: ['internal.test'],
      },
    );
  });

  it('falls back to the environment, and to none', () => {
    assert.equal(from({ proxy: '' }), undefined);
    assert.deepEqual(from({ proxy: '' }, { HTTPS_PROXY: 'http://e:1' }), {
      url: 'http://e:1',
      strictSSL: true,
    });
    assert.equal(
      from({ proxy: 'http://p:1', proxySupport: 'off' }, { HTTPS_PROXY: 'http://e:1' }),
      undefined,
    );
  });

  it('is not misled by wrong types', () => {
    assert.deepEqual(
      from({ proxy: 'http://p:1', noProxy: 'x', proxyAuthorization: null, proxyStrictSSL: 0 }),
      {
        url: 'http://p:1',
        strictSSL: true,
      },
    );
  });
});
