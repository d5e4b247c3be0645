import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runQuietly } from './command.mjs';
import { editorHost } from './editorHost.mjs';
import { LOOPBACK, freePort, statusOf } from './loopback.mjs';
import { signalGroup, stopProcessGroup } from './processGroup.mjs';
import { ProvisionError } from './provisionError.mjs';

/** A cold start takes 1 to 3 s; a loaded machine many times that. */
const READY_LIMIT_MS = 90_000;
const POLL_MS = 100;
const LOG_TAIL = 4000;

/** Quiet and offline: nothing that asks a server, covers the editor or comes back from an earlier run. */
const SETTINGS = Object.freeze({
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'files.hotExit': 'off',
  'files.autoSave': 'off',
  'git.enabled': false,
  'editor.inlineSuggest.enabled': true,
});

/** Variables of the caller that would change how the server or its extension host runs. */
const NOT_INHERITED = [
  'PORT',
  'PASSWORD',
  'HASHED_PASSWORD',
  'NODE_OPTIONS',
  'NODE_PATH',
  'VSCODE_IPC_HOOK_CLI',
];

/**
 * Starts code-server on the loopback address and waits until it answers. Unless folders are named, its data and
 * extensions folders are fresh and vanish when it is stopped.
 * @param {import('./editorServer.d.mts').EditorServerOptions} [options]
 * @returns {Promise<import('./editorServer.d.mts').EditorServer>}
 * @throws {ProvisionError} when the editor host is not installed, a VSIX is refused, or the server does not come up
 */
export async function startEditorServer(options = {}) {
  const host = editorHost();
  if (!existsSync(host.entry)) {
    throw new ProvisionError(`There is no editor host in ${host.folder}.`, 'Install it: npm run provision');
  }
  const temporary = mkdtempSync(join(tmpdir(), 'qwen-coder-editor-'));
  const port = options.port ?? (await freePort());
  const folders = makeFolders(temporary, options);
  writeFileSync(folders.config, `auth: none\nbind-addr: ${LOOPBACK}:${port}\ncert: false\n`);
  writeSettings(folders.data, options);
  const common = [
    host.entry,
    ...['--config', folders.config, '--user-data-dir', folders.data, '--extensions-dir', folders.extensions],
  ];
  const environment = serverEnvironment(temporary, options.env);
  try {
    for (const vsix of [options.vsix ?? []].flat()) {
      await installVsix(host.nodeProgram, common, environment, vsix);
    }
    return await launch({ host, temporary, port, folders, common, environment, options });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

function makeFolders(temporary, { userDataDir, extensionsDir }) {
  const folders = {
    config: join(temporary, 'config.yaml'),
    log: join(temporary, 'server.log'),
    data: userDataDir ?? join(temporary, 'data'),
    extensions: extensionsDir ?? join(temporary, 'extensions'),
  };
  mkdirSync(join(folders.data, 'User'), { recursive: true });
  mkdirSync(folders.extensions, { recursive: true });
  return folders;
}

/** Settings that a person changed in a persistent profile stay as they are. */
function writeSettings(data, { settings = {}, workspaceTrust = false }) {
  const path = join(data, 'User', 'settings.json');
  if (existsSync(path)) return;
  const all = { ...SETTINGS, 'security.workspace.trust.enabled': workspaceTrust, ...settings };
  writeFileSync(path, JSON.stringify(all, null, 2));
}

function serverEnvironment(temporary, env = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name));
  // An empty gallery means no marketplace, and therefore no request to it.
  return {
    ...Object.fromEntries(inherited),
    XDG_CONFIG_HOME: temporary,
    EXTENSIONS_GALLERY: '{}',
    ...env,
  };
}

async function installVsix(nodeProgram, common, env, vsix) {
  const output = await runQuietly(nodeProgram, [...common, '--install-extension', vsix, '--force'], {
    env,
    label: `installing ${vsix} in the editor`,
  });
  // The command's exit code is 0 for a VSIX that it refused, too.
  if (!/successfully installed/.test(output)) {
    throw new ProvisionError(`The editor refused ${vsix}:\n${output.trim()}`);
  }
}

async function launch({ host, temporary, port, folders, common, environment, options }) {
  const log = openSync(folders.log, 'a');
  const child = spawn(
    host.nodeProgram,
    [
      ...common,
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
      ...(options.driver === false ? [] : ['--vscode-option', 'enable-smoke-test-driver']),
    ],
    // A group of its own: it is stopped as a whole, and Ctrl+C in the terminal is ours to answer.
    { env: environment, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  const killAtExit = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killAtExit);
  let stopped;
  const stop = () => (stopped ??= stopServer(child, temporary, killAtExit));
  try {
    await untilReady(child, port, folders.log);
  } catch (error) {
    await stop();
    throw error;
  }
  const authority = `${LOOPBACK}:${port}`;
  return {
    port,
    authority,
    baseUrl: `http://${authority}`,
    dataFolder: folders.data,
    extensionsFolder: folders.extensions,
    readLog: () => readFileSync(folders.log, 'utf8'),
    exited: new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 128))),
    stop,
  };
}

async function stopServer(child, temporary, killAtExit) {
  await stopProcessGroup(child);
  process.removeListener('exit', killAtExit);
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}

async function untilReady(child, port, log) {
  const limit = Date.now() + READY_LIMIT_MS;
  let failure;
  child.once('error', (error) => (failure = error));
  while ((await statusOf(`http://${LOOPBACK}:${port}/healthz`)) !== 200) {
    const gone = child.exitCode !== null || failure !== undefined;
    if (gone || Date.now() > limit) {
      const tail = readFileSync(log, 'utf8').slice(-LOG_TAIL);
      throw new ProvisionError(
        `code-server ${gone ? 'ended' : 'did not answer'}: ${failure?.message ?? ''}\n${tail}`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * The address that opens a folder in the workbench.
 * @param {import('./editorServer.d.mts').EditorServer} server
 * @param {string} folder absolute path
 * @param {ReadonlyArray<readonly [string, string]>} [payload] the workbench's start options, such as `openFile`
 * @returns {string}
 */
export function editorUrl(server, folder, payload = []) {
  const all = [['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload];
  return `${server.baseUrl}/?${new URLSearchParams({ folder, payload: JSON.stringify(all) })}`;
}

/**
 * @param {import('./editorServer.d.mts').EditorServer} server
 * @param {string} path absolute path on the server's machine
 * @returns {string} its address as the workbench in the browser names it
 */
export const remoteUri = (server, path) => `vscode-remote://${server.authority}${encodeURI(path)}`;
