/** Small projects on disk, with the frameworks of the cache as their own. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import type { FrameworkId } from '../../src/assist/testgen/framework';
import { readResults, type RunOutput, type TestResult } from '../../src/assist/testgen/results';
import { runTests } from '../../src/extension/testgen/runTests';

/** Folders of the cache, and what a project calls them. */
const LINKS = {
  nothing: {},
  npm: { node_modules: 'node_modules' },
  pytest: { python: '.venv' },
} as const;

export class Project {
  private constructor(readonly root: string) {}

  /** @param packages what it has installed */
  static async create(
    files: Readonly<Record<string, string>>,
    packages: keyof typeof LINKS = 'nothing',
  ): Promise<Project> {
    const root = await mkdtemp(join(tmpdir(), 'qwen-coder-project-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    for (const [name, link] of Object.entries(LINKS[packages]))
      await symlink(join(installed(), name), join(root, link), 'junction');
    return new Project(root);
  }

  async run(framework: FrameworkId, path: string, text: string): Promise<Ran> {
    const output = await runTests({ framework, root: this.root, path, text }, new AbortController().signal);
    return new Ran(readResults(framework, output, posix.basename(path)), output);
  }

  remove = (): Promise<void> => rm(this.root, { recursive: true, force: true, maxRetries: 5 });
}

function installed(): string {
  const folder = process.env.QWEN_CODER_TEST_RUNNERS;
  assert.ok(folder, 'QWEN_CODER_TEST_RUNNERS is not set: run the tests by npm run test:runners');
  return folder;
}

export class Ran {
  constructor(
    readonly results: readonly TestResult[],
    private readonly output: RunOutput,
  ) {}

  /** Holds the results' statuses against the ones expected, by name, and says what the runner said where they differ. */
  are(expected: Readonly<Record<string, TestResult['status']>>): void {
    const found = Object.fromEntries(this.results.map(({ name, status }) => [name, status]));
    assert.deepEqual(found, expected, JSON.stringify([this.results, this.output], undefined, 1));
  }

  messageOf(name: string): string {
    return this.results.find((each) => each.name === name)?.message ?? '';
  }

  /** That nothing ran, and why. */
  isUnloadable(why: RegExp): void {
    const said = JSON.stringify([this.results, this.output], undefined, 1);
    assert.equal(this.results.length, 1, said);
    assert.equal(this.results[0]?.status, 'error', said);
    assert.match(this.results[0].message, why, said);
  }
}
