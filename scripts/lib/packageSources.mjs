import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, runQuietly } from './command.mjs';
import { npm } from './npmCommand.mjs';
import { ProvisionError } from './provisionError.mjs';
import { pip } from './pythonEnvironment.mjs';

const FETCHERS = {
  python: fetchPython,
  typescript: fetchNpm,
  go: fetchGo,
  rust: fetchCargo,
  java: fetchMaven,
  cpp: fetchPython,
};
const UNZIP = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
const REMEDY = 'Check the network and the settings of that tool, then run the command again.';

/**
 * Fetches the sources of packages from the registry of each language.
 * @param {Readonly<Record<string, Readonly<Record<string, string>>>>} packages versions by language and name
 * @param {string} into gets `LANGUAGE/PACKAGE/…`; slashes and colons in names of packages are `+`
 * @throws {ProvisionError} without the program that a language needs, or without network
 */
export async function fetchPackages(packages, into) {
  for (const [language, versions] of Object.entries(packages)) {
    const work = join(into, 'work');
    mkdirSync(work, { recursive: true });
    for (const [name, version] of Object.entries(versions)) {
      const target = join(into, language, name.replaceAll(/[/:]/g, '+'));
      console.log(`  ${language}: ${name} ${version}`);
      await FETCHERS[language](name, version, target, work);
    }
    // The module cache of Go is made read-only unless it is told not to.
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function fetchPython(name, version, target) {
  await pip(
    ['install', '--quiet', '--no-deps', '--no-compile', '--target', target, `${name}==${version}`],
    `pip install ${name}`,
  );
}

async function fetchNpm(name, version, target, work) {
  writeFileSync(join(work, 'package.json'), '{"private":true}');
  await npm(['install', '--ignore-scripts', '--no-save', '--legacy-peer-deps', `${name}@${version}`], {
    cwd: work,
    label: `npm install ${name}`,
  });
  copy(join(work, 'node_modules', name), target);
}

async function fetchGo(name, version, target, work) {
  const go = requireProgram('go', 'Go');
  const env = {
    ...process.env,
    GOMODCACHE: join(work, 'modules'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
  };
  const output = await runQuietly(go, ['mod', 'download', '-json', `${name}@${version}`], {
    cwd: work,
    env,
    label: `go mod download ${name}`,
    remedy: REMEDY,
  });
  copy(JSON.parse(output).Dir, target);
}

async function fetchCargo(name, version, target, work) {
  const cargo = requireProgram('cargo', 'Cargo');
  const project = join(work, name);
  mkdirSync(join(project, 'src'), { recursive: true });
  writeFileSync(join(project, 'src', 'lib.rs'), '');
  writeFileSync(
    join(project, 'Cargo.toml'),
    `[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${name} = "=${version}"\n`,
  );
  await runQuietly(cargo, ['vendor', '--quiet', 'vendor'], {
    cwd: project,
    label: `cargo vendor ${name}`,
    remedy: REMEDY,
  });
  copy(join(project, 'vendor', name), target);
}

async function fetchMaven(name, version, target, work) {
  const mvn = requireProgram('mvn', 'Maven');
  const python = requireProgram('python3', 'Python 3');
  const artifact = `${name}:${version}:jar:sources`;
  await runQuietly(
    mvn,
    ['--batch-mode', '--quiet', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`],
    { cwd: work, label: `mvn dependency:copy ${artifact}`, remedy: REMEDY },
  );
  const jar = readdirSync(work).find(
    (file) => file.startsWith(`${name.split(':')[1]}-`) && file.endsWith('.jar'),
  );
  if (jar === undefined) throw new ProvisionError(`Maven left no sources of ${name}.`);
  mkdirSync(target, { recursive: true });
  await runQuietly(python, ['-c', UNZIP, join(work, jar), target], { label: `unpacking ${jar}` });
}

function copy(from, target) {
  if (!existsSync(from)) throw new ProvisionError(`There is no ${from} after fetching.`);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(from, target, { recursive: true });
}

function requireProgram(program, name) {
  const found = findProgram([program]);
  if (found === undefined) throw new ProvisionError(`Fetching sources to type needs ${name}.`);
  return found;
}
