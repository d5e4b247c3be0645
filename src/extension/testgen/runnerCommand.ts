/** How each framework is asked to run one file, in the folder where the project would run it. */
import { access, readFile, readdir } from 'node:fs/promises';
import { delimiter, join, posix } from 'node:path';
import type { FrameworkId } from '../../assist/testgen/framework';
import { EngineError } from '../../inference/errors';
import type { Command } from './runProgram';
import unittestRunner from './unittestRunner.py';

/** A Go test that hangs ends with its own name before the whole run does. */
const GO_TEST_LIMIT = '60s';

export interface CommandRequest {
  readonly framework: FrameworkId;
  /** Absolute path of the workspace's folder. */
  readonly root: string;
  /** The copy of it that is run. */
  readonly folder: string;
  /** Of the test file, relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Where the runner is to write its report. */
  readonly report: string;
}

export interface PlacedCommand extends Command {
  /** Absolute. */
  readonly cwd: string;
  /** Where the runner writes reports by itself. */
  readonly reports?: string;
}

export async function runnerCommand(request: CommandRequest): Promise<PlacedCommand> {
  const { framework, root, folder, path, text, report } = request;
  const place = await projectFolder(framework, root, path);
  const cwd = join(folder, place);
  const inside = posix.relative(place, path);
  const npx = (...args: string[]): PlacedCommand => ({
    program: 'npx',
    args: ['--no-install', ...args],
    shell: true,
    cwd,
  });
  // Nothing is to be written through the links.
  const pythonEnv = {
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: [cwd, join(cwd, 'src')].join(delimiter),
  };
  switch (framework) {
    case 'pytest': {
      const args = ['-m', 'pytest', '-q', '--tb=short', '-p', 'no:cacheprovider', `--junitxml=${report}`];
      return { program: await pythonOf(root), args: [...args, inside], env: pythonEnv, cwd };
    }
    case 'unittest':
      return {
        program: await pythonOf(root),
        args: ['-c', unittestRunner, inside, report],
        env: pythonEnv,
        cwd,
      };
    case 'vitest':
      return npx('vitest', 'run', inside, '--reporter=json', `--outputFile=${report}`);
    case 'jest':
      return npx('jest', '--runTestsByPath', inside, '--json', `--outputFile=${report}`, '--cache=false');
    case 'mocha':
      return npx('mocha', inside, '--reporter', 'json', '--reporter-option', `output=${report}`);
    case 'node:test': {
      const flags = await nodeFlags(join(root, place));
      return { program: 'node', args: [...flags, '--test', '--test-reporter=tap', inside], cwd };
    }
    case 'go': {
      const names = [...text.matchAll(/^func (Test\w+)/gm)].map(([, name = '']) => name);
      const args = ['test', '-json', '-vet=off', `-timeout=${GO_TEST_LIMIT}`, '-gcflags=-e'];
      const dir = `./${posix.dirname(inside)}`;
      return { program: 'go', args: [...args, '-run', `^(${names.join('|')})$`, dir], cwd };
    }
    case 'cargo':
      return {
        program: 'cargo',
        args: ['test', '--message-format=short', ...(await cargoTargets(join(root, place)))],
        // Built beside the project: its own target folder is not to be touched.
        env: { CARGO_TARGET_DIR: join(folder, '.target') },
        cwd,
      };
    case 'junit':
      return mavenCommand(join(root, place), cwd, posix.parse(path).name);
    case 'generic':
      throw new EngineError('invalid-request', 'Tests in this language cannot be run from here.');
  }
}

/** Offline: what it needs the project has fetched when it was last built. */
async function mavenCommand(project: string, cwd: string, testClass: string): Promise<PlacedCommand> {
  if (!(await exists(join(project, 'pom.xml')))) {
    throw new EngineError(
      'invalid-request',
      'JUnit tests are run through Maven only, and there is no pom.xml. Accept them and run them in the project.',
    );
  }
  const wrapper = process.platform === 'win32' ? 'mvnw.cmd' : 'mvnw';
  const own = await exists(join(project, wrapper));
  return {
    program: own ? join(cwd, wrapper) : 'mvn',
    args: [
      ...['--offline', '--quiet', '--batch-mode', `-Dtest=${testClass}`],
      ...['-DfailIfNoTests=false', '-Dsurefire.failIfNoSpecifiedTests=false', 'test'],
    ],
    shell: true,
    cwd,
    reports: join(cwd, 'target', 'surefire-reports'),
  };
}

/** Files in a folder that make it the one where a framework is run. */
const MARKS: Partial<Readonly<Record<FrameworkId, RegExp>>> = {
  vitest: /^(?:vitest|vite)\.config\.[cm]?[jt]s$/,
  jest: /^jest\.config\.(?:[cm]?[jt]s|json)$/,
  mocha: /^\.mocharc(?:\.\w+)?$/,
};

/** The nearest folder above the test that is a project of its own; empty for the root. */
export async function projectFolder(framework: FrameworkId, root: string, path: string): Promise<string> {
  const parts = posix
    .dirname(path)
    .split('/')
    .filter((part) => part !== '.');
  for (let depth = parts.length; depth > 0; depth--) {
    const place = parts.slice(0, depth).join('/');
    if (await isProject(framework, join(root, place))) return place;
  }
  return '';
}

async function isProject(framework: FrameworkId, folder: string): Promise<boolean> {
  switch (framework) {
    case 'vitest':
    case 'jest':
    case 'mocha': {
      const names = await readdir(folder).catch(() => []);
      if (names.some((name) => MARKS[framework]?.test(name))) return true;
      // A package of a workspace may leave its tests to the root.
      return new RegExp(`\\b${framework}\\b`).test(await textOf(join(folder, 'package.json')));
    }
    case 'node:test':
      return exists(join(folder, 'package.json'));
    case 'go':
      return exists(join(folder, 'go.mod'));
    case 'cargo':
      return exists(join(folder, 'Cargo.toml'));
    case 'junit':
      return exists(join(folder, 'pom.xml'));
    default:
      return false;
  }
}

/** What the project's own test script gives Node besides, a loader for TypeScript say. */
async function nodeFlags(folder: string): Promise<string[]> {
  const script = /"test[^"]*"\s*:\s*"([^"]*\bnode\b[^"]*--test\b[^"]*)"/.exec(
    await textOf(join(folder, 'package.json')),
  )?.[1];
  const flags = script?.matchAll(
    /(--(?:import|require|loader|experimental-loader|conditions)[= ][^\s\\]+|--experimental-[\w-]+)/g,
  );
  return [...(flags ?? [])].flatMap(([flag]) => flag.split(' '));
}

/** Cargo refuses `--lib` where there is no library. */
async function cargoTargets(folder: string): Promise<string[]> {
  const library =
    (await exists(join(folder, 'src', 'lib.rs'))) ||
    /^\[lib\]/m.test(await textOf(join(folder, 'Cargo.toml')));
  return library ? ['--lib', '--bins'] : ['--bins'];
}

/** The project's own environment, else the one on the path. */
async function pythonOf(root: string): Promise<string> {
  const inside = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
  for (const name of ['.venv', 'venv', 'env']) {
    const path = join(root, name, inside);
    if (await exists(path)) return path;
  }
  return process.platform === 'win32' ? 'python' : 'python3';
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
