/** `qwen-coder models` with hubs that are on this machine, and not what they should be. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CATALOGUE, DEFAULT_MODEL, modelFile } from '../../../src/inference/store/catalogue';
import { runCli, type CliOptions, type CliRun } from '../../support/cliProcess';
import { temporaryFolder } from '../../support/tinyModel';
import { waitUntil } from '../../support/waitUntil';
import { startLocalServer, type LocalServer } from '../store/localServer';

const { id } = DEFAULT_MODEL;

describe('qwen-coder models', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LocalServer | undefined;
  beforeEach(async () => void (folder = await temporaryFolder()));
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await folder.remove();
  });
  const noProxy = Object.fromEntries(
    ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [
      [name, ''],
      [name.toUpperCase(), ''],
    ]),
  );
  const models = (words: readonly string[], options: CliOptions = {}): Promise<CliRun> =>
    runCli(['models', ...words], { ...options, env: { QWEN_CODER_HOME: folder.path, ...noProxy } });
  const weights = (): string => modelFile(join(folder.path, 'models'), DEFAULT_MODEL);
  const listed = async () => {
    const { code, stdout } = await models(['list', '--json']);
    assert.equal(code, 0);
    return JSON.parse(stdout) as { id: string; state: string; bytesOnDisk: number; path: string }[];
  };
  /** A file of the published size that is not the published one, and takes no space. */
  const putDamaged = async (): Promise<void> => {
    await mkdir(dirname(weights()), { recursive: true });
    await writeFile(weights(), 'GGUF');
    await truncate(weights(), DEFAULT_MODEL.bytes);
  };

  it('lists every model of the catalogue, for people and for programs', async () => {
    const { code, stdout, stderr } = await models(['list']);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.split('\n');
    assert.match(lines[0] ?? '', /^name +state +download +on disk +memory +licence +id$/);
    assert.equal(lines.length, CATALOGUE.length + 2);
    for (const model of CATALOGUE) {
      assert.ok(lines.some((line) => line.includes(model.id) && line.includes('available')));
    }
    const entries = await listed();
    assert.deepEqual(
      entries.map((entry) => entry.id),
      CATALOGUE.map((model) => model.id),
    );
    assert.equal(entries[0]?.path, weights());
    assert.ok(!existsSync(join(folder.path, 'models')));
  });

  it('asks for agreement where the licence wants it, before it asks any server', async () => {
    server = await startLocalServer((_request, response) => response.writeHead(404).end());
    const restricted = CATALOGUE.find(({ licence }) => licence.needsAgreement);
    assert.ok(restricted !== undefined);
    const words = ['fetch', restricted.id, '--endpoint', server.endpoint];
    const refused = await models(words);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.ok(refused.stderr.includes(restricted.licence.url) && refused.stderr.includes('--agree'));
    assert.deepEqual(server.asked, []);
    const agreed = await models([...words, '--agree']);
    assert.equal(agreed.code, 7);
    assert.ok(server.asked.length > 0);
  });

  it('exits with 7 for a server that is not there, or has a web page instead', async () => {
    const gone = await startLocalServer(() => undefined);
    await gone.close();
    assert.equal((await models(['fetch', '0.5b', '--url', `${gone.endpoint}/f.gguf`])).code, 7);
    assert.equal((await models(['fetch', '0.5b', '--endpoint', 'no address'])).code, 7);
    server = await startLocalServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Please log in</html>');
    });
    const { code, stdout, stderr } = await models(['fetch', '0.5b', '--endpoint', server.endpoint]);
    assert.deepEqual([code, stdout], [7, '']);
    assert.notEqual(stderr, '');
    assert.ok(!existsSync(weights()));
  });

  it('keeps what it has when it is interrupted, lists it, and deletes it', async () => {
    const sent = 3_000_000;
    server = await startLocalServer((_request, response) => {
      response.writeHead(200, { 'Content-Length': DEFAULT_MODEL.bytes }).write(Buffer.alloc(sent, 'GGUF'));
    });
    const part = `${weights()}.part`;
    const { code, signal, stderr } = await models(
      ['fetch', '0.5b', '--endpoint', server.endpoint, '--verbose'],
      {
        during: async (child) => {
          await waitUntil(() => existsSync(part) && statSync(part).size > 0);
          child.kill('SIGINT');
        },
      },
    );
    assert.deepEqual([code, signal], [130, null], stderr);
    assert.ok(!existsSync(weights()));
    const [entry] = await listed();
    assert.equal(entry?.state, 'partial');
    assert.ok(entry.bytesOnDisk > 0 && entry.bytesOnDisk <= sent);

    const deleted = await models(['delete', '0.5b']);
    assert.equal(deleted.code, 0);
    assert.ok(deleted.stdout.startsWith(`${id} deleted, `));
    assert.deepEqual(await readdir(join(folder.path, 'models')), []);
  });

  it('finds a damaged file with exit code 1, and refuses to run it with 4', async () => {
    await putDamaged();
    assert.equal((await listed())[0]?.state, 'installed');
    for (const words of [['check'], ['check', '0.5b']]) {
      const { code, stdout } = await models(words);
      assert.equal(code, 1);
      assert.match(stdout, new RegExp(`^${id.replaceAll('.', '\\.')} damaged [0-9a-f]{64}\\n$`));
    }
    const run = await runCli(['generate', 'hello'], { env: { QWEN_CODER_HOME: folder.path } });
    assert.deepEqual([run.code, run.stdout], [4, '']);
  });

  it('exits with 3 where there is nothing to check, and with 2 for a name that no model has', async () => {
    assert.equal((await models(['check'])).code, 3);
    assert.equal((await models(['check', '0.5b'])).code, 3);
    for (const command of ['check', 'fetch', 'delete']) {
      const { code, stderr } = await models([command, '99b']);
      assert.equal(code, 2);
      assert.match(stderr, /0\.5b, 1\.5b/);
    }
    assert.equal((await models([])).code, 2);
    assert.equal((await models(['bogus'])).code, 2);
  });
});
