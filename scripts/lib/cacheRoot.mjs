import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder outside the checkout that everything shares: `models/` (weights), `converted/` (the extension's
 * graphs), `tools/` (the editor host). `QWEN_CODER_HOME` wins over the platform's user cache folder.
 *
 * The extension computes the same path, so weights that a script placed are found by it.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 * @returns {string} absolute path; it may not exist yet
 */
export function cacheRoot(env = process.env, platform = process.platform) {
  if (env.QWEN_CODER_HOME) return env.QWEN_CODER_HOME;
  return join(userCacheFolder(env, platform), 'qwen-coder-local');
}

function userCacheFolder(env, platform) {
  if (platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return env.XDG_CACHE_HOME || join(homedir(), '.cache');
}
