import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findProgram, runQuietly } from './command.mjs';
import { EDITOR_HOST_VERSIONS, editorHost, editorHostPaths } from './editorHost.mjs';
import { installFolder } from './installFolder.mjs';
import { npm } from './npmCommand.mjs';
import { ProvisionError } from './provisionError.mjs';

const SUPPORTED = ['linux-x64', 'linux-arm64'];
const BUILD_TOOLS = ['make', 'g++', 'python3'];

/**
 * Installs code-server and the Node 24 that runs it into the cache, unless they are there. Two small native modules
 * are built (a compiler is needed); nothing that is installed runs any other script.
 * @returns {Promise<ReturnType<typeof editorHost>>}
 * @throws {ProvisionError} on other platforms than Linux, without a compiler, or when npm fails
 */
export async function ensureEditorHost() {
  const platform = `${process.platform}-${process.arch}`;
  if (!SUPPORTED.includes(platform)) {
    throw new ProvisionError(
      `The editor host (code-server) is set up by this script on ${SUPPORTED.join(' and ')} only, not on ${platform}.`,
      'Package the extension (npm run package), install it in VS Code (code --install-extension FILE), and run the suite with npm run test:desktop.',
    );
  }
  const host = editorHost();
  await installFolder({ name: 'Editor host', folder: host.folder, versions: host.versions, install });
  return host;
}

async function install(folder) {
  const missing = BUILD_TOOLS.filter((tool) => findProgram([tool]) === undefined);
  if (missing.length > 0) {
    throw new ProvisionError(
      `Building code-server's native modules needs ${missing.join(', ')}.`,
      'On Debian or Ubuntu: apt-get install -y build-essential python3',
    );
  }
  const { runtime, nodeProgram, server, entry, vscode } = editorHostPaths(folder);
  const { 'code-server': codeServer, node } = EDITOR_HOST_VERSIONS;
  const scriptless = ['install', '--ignore-scripts', '--no-package-lock'];

  console.log(`  1/5 Node ${node}`);
  const runtimeRoot = emptyPackage(join(folder, 'runtime'));
  await npm([...scriptless, `node-${process.platform}-${process.arch}@${node}`], {
    cwd: runtimeRoot,
    label: `installing Node ${node}`,
  });

  // npm and node-gyp run under the Node they build for, against the headers that came with it.
  const env = {
    PATH: `${join(runtime, 'bin')}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: runtime,
  };
  console.log(`  2/5 code-server ${codeServer}`);
  await npm([...scriptless, `code-server@${codeServer}`], {
    cwd: emptyPackage(server),
    env,
    label: `installing code-server ${codeServer}`,
  });
  console.log('  3/5 its libraries');
  await npm(['install', '--ignore-scripts', '--omit=dev'], {
    cwd: vscode,
    env,
    label: "installing code-server's libraries",
  });
  console.log('  4/5 its native modules');
  await npm(['rebuild', '--ignore-scripts=false', '@vscode/spdlog', '@vscode/native-watchdog'], {
    cwd: vscode,
    env,
    label: "building code-server's native modules",
    remedy: 'See the compiler’s message above; g++ 10 or later is needed.',
  });
  console.log('  5/5 its built-in extensions');
  await npm(['install', '--ignore-scripts', '--omit=dev'], {
    cwd: join(vscode, 'extensions'),
    env,
    label: "installing the built-in extensions' libraries",
  });
  await verify(nodeProgram, entry, vscode);
}

/** npm can report success and still have built nothing, where its settings forbid scripts. */
async function verify(nodeProgram, entry, vscode) {
  const natives = [
    join(vscode, 'node_modules', '@vscode', 'spdlog', 'build', 'Release', 'spdlog.node'),
    join(vscode, 'node_modules', '@vscode', 'native-watchdog', 'build', 'Release', 'watchdog.node'),
  ];
  const missing = natives.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new ProvisionError(
      `npm rebuild left no ${missing.join(', ')}`,
      'Check npm config get ignore-scripts and the compiler.',
    );
  }
  await runQuietly(nodeProgram, [entry, '--config', '/dev/null', '--version'], {
    label: 'starting code-server --version',
  });
}

function emptyPackage(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'editor-host', private: true }));
  return folder;
}
