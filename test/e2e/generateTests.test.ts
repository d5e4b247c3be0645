/**
 * *Generate Tests* from the first key to the end: a diff, a run beside the workspace, accepted, and then the file on
 * disk run by the project's own framework, without the extension.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cursorTo, runCommand, screenshot } from './harness/page';
import { startSession, type Session } from './harness/session';
import { pressButton, renderedDocument, untilNotification } from './harness/workbench';

const DIFF_LIMIT_MS = 120_000;
const RUN_LIMIT_MS = 120_000;

/** Where the test frameworks lie; the test runner sets it. */
function runners(name: string): string {
  const folder = process.env['QWEN_CODER_TEST_RUNNERS'];
  assert.ok(folder, 'QWEN_CODER_TEST_RUNNERS is not set: run npm run test:e2e');
  return join(folder, name);
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  readonly source: string;
  readonly line: number;
  readonly target: string;
  readonly imports: RegExp;
  /** Runs the file in the workspace, as the project does. */
  readonly run: (folder: string, report: string) => Counts;
}

const CASES: readonly Case[] = [
  {
    title: 'TypeScript and vitest',
    files: {
      'package.json': '{ "type": "module", "devDependencies": { "vitest": "3" } }',
      'tsconfig.json':
        '{ "compilerOptions": { "module": "ESNext", "moduleResolution": "Bundler", "strict": true } }',
      'src/clamp.ts':
        'export function clamp(value: number, low: number, high: number): number {\n  return Math.max(low, Math.min(value, high));\n}\n',
    },
    links: { node_modules: 'node_modules' },
    source: 'src/clamp.ts',
    line: 2,
    target: 'src/clamp.test.ts',
    imports: /from 'vitest';\nimport \{ clamp \} from '\.\/clamp';/,
    run: (folder, report) => {
      const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
      const args = [vitest, 'run', 'src/clamp.test.ts', '--reporter=json', `--outputFile=${report}`];
      spawnSync(process.execPath, args, { cwd: folder });
      const read = JSON.parse(readFileSync(report, 'utf8')) as {
        numPassedTests: number;
        numFailedTests: number;
      };
      return { passed: read.numPassedTests, failed: read.numFailedTests };
    },
  },
  {
    title: 'Python and pytest',
    files: {
      'requirements-dev.txt': 'pytest\n',
      'words.py':
        'def count_words(text):\n    """How often each word occurs."""\n    counts = {}\n    for word in text.lower().split():\n        counts[word] = counts.get(word, 0) + 1\n    return counts\n',
    },
    links: { '.venv': 'python' },
    source: 'words.py',
    line: 3,
    target: 'test_words.py',
    imports: /from words import count_words/,
    run: (folder, report) => {
      const python =
        process.platform === 'win32'
          ? join(folder, '.venv', 'Scripts', 'python.exe')
          : join(folder, '.venv', 'bin', 'python');
      spawnSync(python, ['-m', 'pytest', '-q', `--junitxml=${report}`, 'test_words.py'], { cwd: folder });
      const xml = readFileSync(report, 'utf8');
      const count = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(xml)?.[1]);
      const failed = count('failures') + count('errors');
      return { passed: count('tests') - failed, failed };
    },
  },
];

for (const { title, files, links, source, line, target, imports, run } of CASES) {
  describe(`Generate Tests for ${title}`, function () {
    this.timeout(360_000);
    let session: Session;

    before(async () => {
      const all = Object.entries(links).map(([name, from]) => [name, runners(from)] as const);
      session = await startSession({ files, links: Object.fromEntries(all) });
      await session.open(source);
    });
    after(async () => session?.close());

    it('writes tests that the project itself runs, with the results that were told before', async () => {
      const { page, workspace } = session;
      await cursorTo(page, line, 3);
      await runCommand(page, 'Qwen Coder: Generate Tests');
      await page.locator('.tab.active', { hasText: 'Tests for' }).waitFor({ timeout: DIFF_LIMIT_MS });
      await page.locator('.editor-actions a[aria-label^="Run Generated Tests"]').click();
      const told = await renderedDocument(page, /\d+ passed, \d+ failed/, RUN_LIMIT_MS);
      await screenshot(page, `generate-tests-${target.split('.').at(-1)}`);
      assert.ok(!existsSync(workspace.path(target)), 'nothing is written before it is accepted');
      await page.locator('.tab', { hasText: 'Tests for' }).first().click();
      await page.locator('.editor-actions a[aria-label^="Accept All Changes"]').first().click();
      await untilNotification(page, new RegExp(`The tests are in ${target.replaceAll('.', '\\.')}`));

      assert.match(readFileSync(workspace.path(target), 'utf8'), imports);
      const reports = mkdtempSync(join(tmpdir(), 'qwen-coder-report-'));
      const { passed, failed } = run(workspace.folder, join(reports, 'report'));
      rmSync(reports, { recursive: true });
      const [, toldPassed, toldFailed] = /(\d+) passed, (\d+) failed/.exec(told) ?? [];
      assert.deepEqual({ passed, failed }, { passed: Number(toldPassed), failed: Number(toldFailed) });
      assert.ok(passed > 0, told);
    });
  });
}

describe('Generate Tests for code that is not as documented', function () {
  this.timeout(360_000);
  let session: Session;
  const code =
    'def half(number):\n    """Half of a number, rounded down.\n\n    >>> half(7)\n    3\n    >>> half(-4)\n    -2\n    """\n    return number / 2\n';

  before(async () => {
    const files = { 'requirements-dev.txt': 'pytest\n', 'half.py': code };
    session = await startSession({ files, links: { '.venv': runners('python') } });
    await session.open('half.py');
  });
  after(async () => session?.close());

  it('reports what fails, keeps it as it is, and leaves it out when the person says so', async () => {
    const { page, workspace } = session;
    await cursorTo(page, 9, 3);
    await runCommand(page, 'Qwen Coder: Generate Tests');
    await page.locator('.tab.active', { hasText: 'Tests for' }).waitFor({ timeout: DIFF_LIMIT_MS });
    await page.locator('.editor-actions a[aria-label^="Run Generated Tests"]').click();
    const told = await renderedDocument(page, /test_half_as_documented_1: .*3\.5/, RUN_LIMIT_MS);
    assert.match(told, /A failing test may have found a bug/);
    const question = await untilNotification(page, /of \d+ generated tests fails?: a bug was found/);
    await screenshot(page, 'generate-tests-failing');
    await pressButton(question, 'Leave Them Out');
    await page.locator('.tab', { hasText: 'Tests for' }).first().click();
    await page.locator('.editor-actions a[aria-label^="Accept All Changes"]').first().click();
    await untilNotification(page, /The tests are in test_half\.py/);
    const written = readFileSync(workspace.path('test_half.py'), 'utf8');
    assert.match(written, /assert half\(-4\) == -2/);
    assert.doesNotMatch(written, /half\(7\) == 3\b/);
  });
});
