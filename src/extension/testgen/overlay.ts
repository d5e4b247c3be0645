/**
 * A copy of a workspace in a temporary folder in which some files are other ones: links for everything, real folders
 * only on the way to those files. Tests can so be run before anything is written into the workspace.
 */
import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';

export interface Overlay {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * @param files texts by path relative to the root, with slashes
 * @param without a path that the copy does not have, where it would otherwise be written through its link
 */
export async function makeOverlay(
  root: string,
  files: ReadonlyMap<string, string>,
  without?: string,
): Promise<Overlay> {
  // Runners compare paths by their text, and the temporary folder may itself be a link.
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'qwen-coder-tests-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await mirror(root, folder, '', files, without);
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function mirror(
  root: string,
  folder: string,
  dir: string,
  files: ReadonlyMap<string, string>,
  without?: string,
): Promise<void> {
  await mkdir(join(folder, dir), { recursive: true });
  const entries = await readdir(join(root, dir), { withFileTypes: true }).catch(() => []);
  const own = [...files.keys()];
  for (const entry of entries) {
    const path = posix.join(dir, entry.name);
    if (files.has(path) || path === without) continue;
    if (own.some((file) => file.startsWith(`${path}/`))) continue;
    const isFolder =
      entry.isDirectory() || (entry.isSymbolicLink() && (await isLinkToFolder(join(root, path))));
    await link(join(root, path), join(folder, path), isFolder);
  }
  const inner = new Set(own.flatMap((file) => childFolder(dir, file) ?? []));
  for (const child of inner) await mirror(root, folder, child, files, without);
  for (const [path, text] of files) {
    const parent = posix.dirname(path);
    if ((parent === '.' ? '' : parent) === dir) await writeFile(join(folder, path), text);
  }
}

const isLinkToFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The folder right below `dir` on the way to a file; undefined where the file is in `dir` itself, or elsewhere. */
function childFolder(dir: string, file: string): string | undefined {
  const prefix = dir === '' ? '' : `${dir}/`;
  if (!file.startsWith(prefix)) return undefined;
  const [first, second] = file.slice(prefix.length).split('/');
  return first === undefined || second === undefined ? undefined : prefix + first;
}

/** Windows lets everyone link folders, but not files. */
async function link(target: string, path: string, isFolder: boolean): Promise<void> {
  try {
    await symlink(target, path, isFolder ? 'junction' : 'file');
  } catch (error) {
    if (isFolder) throw error;
    await copyFile(target, path);
  }
}
