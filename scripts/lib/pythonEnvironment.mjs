import { join } from 'node:path';
import { findProgram, runQuietly } from './command.mjs';
import { ProvisionError } from './provisionError.mjs';

const REMEDY = 'Python 3 with pip 22.3 or later and its venv module is needed, and the network for pip.';

/**
 * Runs the system's pip.
 * @param {readonly string[]} args
 * @param {string} label
 * @throws {ProvisionError}
 */
export async function pip(args, label) {
  await runQuietly(python(), ['-m', 'pip', '--disable-pip-version-check', ...args], {
    label,
    remedy: REMEDY,
  });
}

/**
 * Makes a Python environment and installs packages into it. Without a pip of its own, which some systems keep in a
 * package by itself, and whose scripts would not survive the renaming of the folder; the system's pip serves it.
 * @param {string} folder
 * @param {readonly string[]} install arguments of `pip install`
 * @param {string} label of the installation
 * @throws {ProvisionError}
 */
export async function makePythonEnvironment(folder, install, label) {
  await runQuietly(python(), ['-m', 'venv', '--without-pip', folder], {
    label: 'making a Python environment',
    remedy: REMEDY,
  });
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  await pip(['--python', join(folder, ...inside), 'install', ...install], label);
}

function python() {
  const found = findProgram(['python3', 'python']);
  if (found === undefined) throw new ProvisionError('There is no Python.', REMEDY);
  return found;
}
