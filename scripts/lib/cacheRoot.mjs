import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ProvisionError } from './provisionError.mjs';

/**
 * The folder outside the checkout that everything shares: `models/` (weights), `converted/` (the extension's
 * graphs), `tools/` (the editor host). `QWEN_CODER_HOME` wins over the platform's user cache folder.
 *
 * The extension computes the same path (src/inference/store/paths.ts), so weights that a script placed are found.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {string} absolute path; it may not exist yet
 * @throws {ProvisionError} when `QWEN_CODER_HOME` is relative: the editor runs in another folder than this script
 */
export function cacheRoot(env = process.env, platform = process.platform) {
  const named = env.QWEN_CODER_HOME;
  if (!named) return join(userCacheFolder(env, platform), 'qwen-coder-local');
  if (isAbsolute(named)) return named;
  throw new ProvisionError(`QWEN_CODER_HOME is the relative path ${named}.`, 'Set it to an absolute path.');
}

function userCacheFolder(env, platform) {
  const absolute = (value) => (value && isAbsolute(value) ? value : undefined);
  if (platform === 'win32') return absolute(env.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return absolute(env.XDG_CACHE_HOME) ?? join(homedir(), '.cache');
}
