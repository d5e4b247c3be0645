/**
 * Where the extension keeps large files. One place per machine and person, not per workspace or editor, so that
 * several windows and editors share one download and one conversion.
 */
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { EngineError } from '../errors';

/** What the choice of the folder depends on; passed in so that every platform can be tested on every platform. */
export interface StorageEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
}

/** The environment of this process. */
export function processStorageEnvironment(): StorageEnvironment {
  return { env: process.env, platform: process.platform, homedir: homedir() };
}

/**
 * The folder of all large files: `$QWEN_CODER_HOME`, otherwise `qwen-coder-local` in the platform's folder for
 * caches of one person (Linux: XDG Base Directory Specification, which also says that a relative value of
 * `XDG_CACHE_HOME` is to be ignored).
 *
 * @throws EngineError `invalid-request` when `QWEN_CODER_HOME` is relative: the editor's working directory is
 *   arbitrary, so a relative folder would be a different one at each start
 */
export function storageRoot(environment: StorageEnvironment): string {
  const { env, platform, homedir: home } = environment;
  const path = pathOf(platform);
  const override = env['QWEN_CODER_HOME'];
  if (override !== undefined && override !== '') {
    if (path.isAbsolute(override)) return path.normalize(override);
    throw new EngineError('invalid-request', `QWEN_CODER_HOME must be an absolute path, not "${override}".`);
  }
  return path.join(userCacheDir(env, platform, home), 'qwen-coder-local');
}

/** Folder of the weights as they were downloaded, below `root`. */
export function modelsDir(root: string, platform: NodeJS.Platform = process.platform): string {
  return pathOf(platform).join(root, 'models');
}

/** Folder in which running processes say what models they hold in memory, below `root`. */
export function sessionsDir(root: string, platform: NodeJS.Platform = process.platform): string {
  return pathOf(platform).join(root, 'sessions');
}

/** Folder of the graphs that were converted from the weights, below `root`; safe to delete. */
export function convertedDir(root: string, platform: NodeJS.Platform = process.platform): string {
  return pathOf(platform).join(root, 'converted');
}

function userCacheDir(env: StorageEnvironment['env'], platform: NodeJS.Platform, home: string): string {
  const path = pathOf(platform);
  const absolute = (value: string | undefined): string | undefined =>
    value !== undefined && path.isAbsolute(value) ? value : undefined;
  switch (platform) {
    case 'win32':
      return absolute(env['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local');
    case 'darwin':
      return path.join(home, 'Library', 'Caches');
    default:
      return absolute(env['XDG_CACHE_HOME']) ?? path.join(home, '.cache');
  }
}

const pathOf = (platform: NodeJS.Platform) => (platform === 'win32' ? win32 : posix);
