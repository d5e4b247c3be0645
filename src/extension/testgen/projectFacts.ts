/** What test generation has to know of a project: its manifests, some of its tests, the names of its files. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { ProjectFacts } from '../../assist/testgen/framework';
import { pathWithin } from '../paths';

const MANIFESTS =
  '**/{package.json,pyproject.toml,setup.cfg,tox.ini,pytest.ini,Pipfile,requirements*.txt,pom.xml,build.gradle,build.gradle.kts,Cargo.toml,go.mod,Gemfile,*.gemspec,composer.json,*.csproj,CMakeLists.txt,vcpkg.json,conanfile.txt,Package.swift,build.sbt,mix.exs,pubspec.yaml}';
const SOURCES = 'py,js,jsx,ts,tsx,mjs,cjs,mts,cts,go,rs,java';
const NOT_OURS = '**/{node_modules,.venv,venv,env,dist,build,out,target,.git,site-packages}/**';
const MAX_MANIFESTS = 40;
const MAX_FILES = 5000;
/** Tests that are read for their imports; those near the code say most. */
const MAX_TESTS = 8;
/** Longer files are no manifests, and tests show their ways in the beginning. */
const MAX_UNITS = 60_000;

const TEST =
  /(?:^|\/)(?:test_[^/]*\.py|[^/]*_test\.(?:py|go)|[^/]*[._-](?:test|spec)\.[cm]?[jt]sx?|[^/]*Test\.java)$/;
/** What tests are called in languages that nothing more is known of. */
const OTHER_TEST =
  /(?:^|\/)(?:(?:test|spec)[_-][^/]*|[^/]*(?:[._-](?:tests?|spec)|Tests?|Spec))\.\w+$|\.bats$|(?:^|\/)t\/[^/]*\.t$/;
const KNOWN_SOURCE = new RegExp(`\\.(?:${SOURCES.replaceAll(',', '|')})$`);

export async function projectFacts(
  folder: vscode.WorkspaceFolder,
  sourcePath: string,
): Promise<ProjectFacts> {
  const find = (pattern: string, limit: number): Thenable<vscode.Uri[]> =>
    vscode.workspace.findFiles(new vscode.RelativePattern(folder, pattern), NOT_OURS, limit);
  const [manifestUris, sourceUris] = await Promise.all([
    find(MANIFESTS, MAX_MANIFESTS),
    find(`**/*.{${[SOURCES, ...otherEndings(sourcePath)].join(',')}}`, MAX_FILES),
  ]);
  const pathIn = (uri: vscode.Uri): string => pathWithin(folder.uri, uri);
  const manifests = new Map<string, string>();
  for (const uri of manifestUris) manifests.set(pathIn(uri), await textOf(uri));
  const tests: { path: string; text: string }[] = [];
  const near = sourceUris
    .filter((uri) => isTestLike(pathIn(uri), sourcePath))
    .sort((a, b) => distance(pathIn(a), sourcePath) - distance(pathIn(b), sourcePath));
  for (const uri of near.slice(0, MAX_TESTS)) tests.push({ path: pathIn(uri), text: await textOf(uri) });
  return { manifests, tests, files: new Set([...manifestUris, ...sourceUris].map(pathIn)) };
}

/** Endings of a language that is none of the known ones, and of its tests. */
function otherEndings(sourcePath: string): string[] {
  const ending = posix.extname(sourcePath).slice(1);
  if (ending === '' || KNOWN_SOURCE.test(sourcePath)) return [];
  const ofTests = { sh: ['bats'], bash: ['bats'], pl: ['t'], pm: ['t'], ex: ['exs'] }[ending] ?? [];
  return [ending, ...ofTests];
}

/** Whether a file is a test in the language of the source. */
function isTestLike(path: string, sourcePath: string): boolean {
  const ending = posix.extname(path);
  if (KNOWN_SOURCE.test(sourcePath)) return TEST.test(path) && ending === posix.extname(sourcePath);
  const ofLanguage = [posix.extname(sourcePath).slice(1), ...otherEndings(sourcePath)];
  return OTHER_TEST.test(path) && ofLanguage.includes(ending.slice(1));
}

/** Folders between two files. */
function distance(one: string, other: string): number {
  return posix.relative(posix.dirname(one), posix.dirname(other)).split('/').length;
}

async function textOf(uri: vscode.Uri): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  return Buffer.from(bytes).toString('utf8').slice(0, MAX_UNITS);
}
