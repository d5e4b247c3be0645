import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withLock } from './lock.mjs';

const MARKER = 'installed.json';

/**
 * Installs a folder as a whole or not at all: into a temporary name beside it, renamed at the end. A marker file
 * holds the versions; a folder without it or with another one is built anew.
 * @param {{
 *   name: string,
 *   folder: string,
 *   versions: Readonly<Record<string, string>>,
 *   install: (folder: string) => Promise<void>,
 * }} options
 * @returns {Promise<void>}
 */
export async function installFolder({ name, folder, versions, install }) {
  if (isInstalled(folder, versions)) return say(name, folder);
  await withLock(`${folder}.lock`, name, async () => {
    if (isInstalled(folder, versions)) return say(name, folder);
    removeLeftovers(folder);
    const started = Date.now();
    const temporary = `${folder}.tmp-${process.pid}`;
    mkdirSync(temporary, { recursive: true });
    console.log(`${name}: installing into ${folder}`);
    await install(temporary);
    writeFileSync(join(temporary, MARKER), JSON.stringify(versions, null, 2));
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
    console.log(`${name}: installed in ${Math.round((Date.now() - started) / 1000)} s`);
  });
}

/**
 * Whether the folder was installed to its end, in these versions.
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} versions
 * @returns {boolean}
 */
export function isInstalled(folder, versions) {
  const marker = join(folder, MARKER);
  if (!existsSync(marker)) return false;
  try {
    return JSON.stringify(JSON.parse(readFileSync(marker, 'utf8'))) === JSON.stringify(versions);
  } catch {
    return false;
  }
}

/**
 * Called under the lock, so that what has a temporary name belongs to an install that was interrupted. Its npm may
 * still be running and writing for a moment; what cannot be removed now is removed at the next install.
 */
function removeLeftovers(folder) {
  for (const entry of existsSync(dirname(folder)) ? readdirSync(dirname(folder)) : []) {
    if (!entry.startsWith(`${basename(folder)}.tmp-`)) continue;
    try {
      rmSync(join(dirname(folder), entry), { recursive: true, force: true });
    } catch (error) {
      console.log(`  an interrupted install stays for now: ${error.message}`);
    }
  }
}

function say(name, folder) {
  console.log(`${name}: already installed (${folder})`);
}
