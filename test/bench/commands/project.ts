/** Projects on disk with the sources of a package in them, as a person's workspace would have them. */
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProjectFacts } from '../../../src/assist/testgen/framework';
import { readResults, type TestResult } from '../../../src/assist/testgen/results';
import { runTests, type TestRun } from '../../../src/extension/testgen/runTests';
import { sourceFiles, type SourcePackage } from './subjects';

export interface Project {
  readonly root: string;
  readonly facts: ProjectFacts;
}

const MANIFESTS: Readonly<Record<'python' | 'typescript', readonly [path: string, text: string]>> = {
  python: ['requirements-dev.txt', 'pytest\n'],
  typescript: [
    'package.json',
    '{\n  "name": "sample",\n  "type": "module",\n  "scripts": { "test": "vitest run" },\n  "devDependencies": { "vitest": "^3.2.4" }\n}\n',
  ],
};

/** @param samples the folder of the installed packages and runners; the caller removes the project's root */
export async function makeProject(
  languageId: 'python' | 'typescript',
  samples: string,
  source: SourcePackage | undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), 'qwen-coder-sample-'));
  const [manifest, manifestText] = MANIFESTS[languageId];
  for (const [path, text] of Object.entries({ ...files, [manifest]: manifestText })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  if (source !== undefined) {
    await mkdir(dirname(join(root, source.to)), { recursive: true });
    await cp(source.from, join(root, source.to), { recursive: true });
  }
  const [name, to] =
    languageId === 'python' ? ['.venv', 'python-env'] : ['node_modules', join('typescript', 'node_modules')];
  await symlink(join(samples, to), join(root, name), 'junction');
  const paths = [...Object.keys(files), ...(source === undefined ? [] : sourceFiles(source))];
  return {
    root,
    facts: {
      manifests: new Map([[manifest, manifestText]]),
      tests: [],
      files: new Set([...paths, manifest]),
    },
  };
}

/**
 * Runs a test file as the command does.
 *
 * @param limitMs code with a fault in it may never end
 * @returns undefined where the run had to be ended
 */
export async function resultsOf(run: TestRun, limitMs?: number): Promise<readonly TestResult[] | undefined> {
  const signal = limitMs === undefined ? new AbortController().signal : AbortSignal.timeout(limitMs);
  try {
    const output = await runTests(run, signal);
    return readResults(run.framework, output, run.path.split('/').at(-1) ?? '');
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
