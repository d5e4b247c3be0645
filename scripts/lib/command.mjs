import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ProvisionError } from './provisionError.mjs';

/** A quiet command that is still running says so this often, so that nobody takes it for dead. */
const HEARTBEAT_MS = 15_000;
/** Of a failed quiet command's output, the last characters are shown: enough for npm's and gcc's own message. */
const OUTPUT_TAIL = 4000;

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, label?: string, remedy?: string, shell?: boolean }} [options]
 *   `label` names the step in messages
 * @returns {Promise<string>} what it wrote to standard output
 * @throws {ProvisionError} when it cannot be started or its exit code is not 0
 */
export async function runQuietly(command, args, options = {}) {
  const label = options.label ?? `${command} ${args.join(' ')}`;
  const started = Date.now();
  const heartbeat = setInterval(() => {
    console.log(`  … ${label}: ${Math.round((Date.now() - started) / 1000)} s`);
  }, HEARTBEAT_MS);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    shell: options.shell ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let both = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    both = (both + chunk).slice(-OUTPUT_TAIL);
  });
  child.stderr.on('data', (chunk) => {
    both = (both + chunk).slice(-OUTPUT_TAIL);
  });
  try {
    const code = await exitOf(child);
    if (code === 0) return stdout;
    throw new ProvisionError(`${label} (exit code ${code})\n${both.trim()}`, options.remedy);
  } catch (error) {
    if (error instanceof ProvisionError) throw error;
    throw new ProvisionError(`${label}: ${error.message}`, options.remedy);
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * Runs a command with this process's terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<number>} its exit code; 128 + n for a signal
 */
export function runVisibly(command, args, options = {}) {
  return exitOf(spawn(command, args, { ...options, stdio: 'inherit' }));
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} 128 for a child that a signal ended
 */
function exitOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
}

/**
 * The first of these programs that is on the PATH, as an absolute path.
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findProgram(names, env = process.env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const name of names) {
    for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean)) {
      for (const ending of endings) {
        const path = join(folder, name + ending);
        if (isExecutable(path)) return path;
      }
    }
  }
  return undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
