import { runQuietly } from './command.mjs';

/**
 * Settings that an outer `npm run` hands down and that would bend an npm of our own: it would install into the
 * outer project's folder, skip builds, or take the wrong headers.
 */
const HANDED_DOWN =
  /^(npm_(lifecycle|package|command|execpath|node_execpath).*|npm_config_(local_prefix|prefix|global_prefix|ignore_scripts|nodedir|node_gyp|user_agent)|INIT_CWD)$/i;

/**
 * Runs npm without an outer npm's settings, and with nothing that is installed running a script of its own.
 * @param {readonly string[]} args
 * @param {{ cwd: string, label: string, env?: NodeJS.ProcessEnv, remedy?: string }} options `env` is added
 * @returns {Promise<string>} standard output
 * @throws {import('./provisionError.mjs').ProvisionError}
 */
export function npm(args, { cwd, label, env, remedy }) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !HANDED_DOWN.test(name)));
  return runQuietly('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    label,
    remedy:
      remedy ?? 'Check the network and the npm registry settings (npm ping), then run the command again.',
    env: { ...clean, ONNXRUNTIME_NODE_INSTALL: 'skip', ...env },
    // npm is a .cmd file on Windows, which Node starts only through a shell.
    shell: process.platform === 'win32',
  });
}
