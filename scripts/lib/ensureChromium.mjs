import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runVisibly } from './command.mjs';
import { ProvisionError } from './provisionError.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/**
 * The Chromium or Chrome to drive: `CHROMIUM_PATH`, else one on the PATH, else the platform's usual place.
 * @returns {string | undefined}
 */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : undefined;
  return findProgram(NAMES) ?? usualPlaces().find((path) => existsSync(path));
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform !== 'win32') return [];
  return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
}

/**
 * Finds a browser for the end-to-end tests; on Debian and its kin installs Chromium when there is none.
 * @returns {Promise<string>} path of the program
 * @throws {ProvisionError}
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) {
    console.log(`Chromium: there (${found})`);
    return found;
  }
  const remedy = 'Install Chromium or Google Chrome, or set CHROMIUM_PATH to its program.';
  if (process.env.CHROMIUM_PATH) {
    throw new ProvisionError(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which is not there.`, remedy);
  }
  const apt = findProgram(['apt-get']);
  if (apt === undefined) throw new ProvisionError('There is no Chromium on this machine.', remedy);
  const prefix = rootPrefix();
  if (prefix === undefined) {
    throw new ProvisionError(
      'There is no Chromium, and no right to install it.',
      'As root: apt-get install -y --no-install-recommends chromium',
    );
  }
  console.log('Chromium: installing the system package');
  await asRoot(prefix, [apt, 'update', '-qq']);
  await asRoot(prefix, [apt, 'install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  const installed = findChromium();
  if (installed === undefined)
    throw new ProvisionError('The package was installed, but no Chromium appeared.', remedy);
  return installed;
}

/** @returns {string[] | undefined} what to put before a command that needs root; undefined where there is no way */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram(['sudo']);
  return sudo === undefined ? undefined : [sudo];
}

async function asRoot(prefix, words) {
  const [command, ...args] = [...prefix, ...words];
  const code = await runVisibly(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (code !== 0) {
    throw new ProvisionError(
      `${words.join(' ')} ended with exit code ${code}.`,
      'Install Chromium by hand, or set CHROMIUM_PATH.',
    );
  }
}
