import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files under the folders whose names end so, in a stable order; `node_modules` is left out.
 * @param {string[]} folders
 * @param {string} ending
 * @returns {string[]}
 */
export function globSync(folders, ending) {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : globSync([path], ending);
        return entry.name.endsWith(ending) ? [path] : [];
      }),
    )
    .sort();
}
