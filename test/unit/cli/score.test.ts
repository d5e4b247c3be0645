/** Scoring, with a real Python: what passes, and what programs that misbehave can do. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError, EXIT } from '../../../src/cli/exitCodes';
import { PythonSandbox, type ProgramOutcome } from '../../../src/cli/score/pythonSandbox';
import { programOf, scoreOf, scoreSamples, type ScoredTask } from '../../../src/cli/score/scoring';
import { runCli } from '../../support/cliProcess';
import { temporaryFolder } from '../../support/tinyModel';
import { waitUntil } from '../../support/waitUntil';

const PYTHON = process.platform === 'win32' ? 'python' : 'python3';
const MEBIBYTE = 1024 * 1024;
const never = new AbortController().signal;

const TASK: ScoredTask = {
  task_id: 'T/0',
  prompt: 'def double(x):\n',
  suffix: '    return y\n',
  canonical_solution: '    y = 2 * x\n',
  test: 'def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n',
  entry_point: 'double',
};

describe('the Python sandbox', function () {
  this.timeout(60_000);
  let sandbox: PythonSandbox;
  before(async () => {
    sandbox = await PythonSandbox.open(PYTHON, { cpuSeconds: 2, memoryBytes: 512 * MEBIBYTE });
  });
  const run = (...lines: string[]): Promise<ProgramOutcome> => sandbox.run(`${lines.join('\n')}\n`, never);
  const failed = (error: string): ProgramOutcome => ({ kind: 'failed', error });

  it('says what holds programs here', function () {
    assert.match(sandbox.facts.python, /^3\.\d+\.\d+$/);
    if (process.platform === 'linux') {
      assert.deepEqual(sandbox.facts.limits, ['cpu', 'memory', 'files', 'processes', 'core']);
    }
  });

  it('passes what comes to its end, and names the exception of what does not', async () => {
    assert.deepEqual(await run('x = 1'), { kind: 'passed' });
    assert.deepEqual(await run('assert 1 == 2'), failed('AssertionError'));
    assert.deepEqual(await run('def f(:'), failed('SyntaxError'));
    assert.deepEqual(await run('undefined'), failed('NameError'));
    assert.deepEqual(await run('def f(): f()', 'f()'), failed('RecursionError'));
  });

  it('gives programs what ordinary ones use', async () => {
    assert.deepEqual(
      await run(
        'import math, re, collections, dataclasses, typing, hashlib, itertools, random, datetime, json, functools',
        '@dataclasses.dataclass',
        'class Point:',
        '    x: int = 0',
        'assert Point(1).x == 1 and typing.get_type_hints(Point)["x"] is int',
        'assert hashlib.md5(b"a").hexdigest().startswith("0cc1")',
        'assert __name__ == "__main__"',
        'print("é" * 100000)',
        'import sys; print("x" * 100000, file=sys.stderr)',
        'assert sys.stdin.read() == ""',
      ),
      { kind: 'passed' },
    );
  });

  it('does not take an early end for a pass', async () => {
    assert.deepEqual(await run('raise SystemExit(0)'), failed('SystemExit'));
    assert.deepEqual(await run('import os', 'os._exit(0)'), failed('exit code 0'));
    assert.deepEqual(
      await run('print(\'{"error": null, "limits": []}\', flush=True)', 'assert False'),
      failed('AssertionError'),
    );
  });

  it('ends a program that computes for ever, or waits for ever', async () => {
    assert.deepEqual(await run('while True: pass'), { kind: 'timeout' });
    assert.deepEqual(await run('import time', 'time.sleep(1000)'), { kind: 'timeout' });
    assert.deepEqual(
      await run('while True:', '    try:', '        while True: pass', '    except BaseException: pass'),
      { kind: 'timeout' },
    );
  });

  it('refuses sockets, other programs and changes to files', async () => {
    const attempts = [
      'import socket; socket.socket()',
      'import urllib.request; urllib.request.urlopen("http://127.0.0.1:1/")',
      'import subprocess; subprocess.run(["true"])',
      'import os; os.system("true")',
      'import os; os.execv("/bin/true", ["true"])',
      'import os; os.posix_spawn("/bin/true", ["true"], {})',
      'open("file", "w")',
      'import os; os.open("file", os.O_CREAT)',
      'import os; os.mkdir("folder")',
      'import os; os.kill(os.getppid(), 0)',
      'import shutil; shutil.rmtree("/nowhere")',
      'import os; os.remove("/nowhere")',
      'import os; os.rename("/nowhere", "/nowhere2")',
    ];
    if (process.platform !== 'win32') attempts.push('import os; os.fork()');
    for (const attempt of attempts) {
      const outcome = await run(attempt);
      const error = outcome.kind === 'failed' ? outcome.error : outcome.kind;
      assert.ok(error === 'PermissionError' || error === 'AttributeError', `${attempt}: ${error}`);
    }
  });

  it('keeps ctypes out, by which all of this could be got around', async () => {
    assert.deepEqual(await run('import ctypes', 'ctypes.CDLL(None)'), failed('PermissionError'));
  });

  it('shows programs an empty folder and nothing of the environment', async () => {
    process.env['QWEN_CODER_TEST_SECRET'] = 'secret';
    try {
      const outcome = await run(
        'import os',
        'assert os.listdir(".") == []',
        'assert set(os.environ) <= {"PATH", "LC_CTYPE", "SYSTEMROOT"}, os.environ',
      );
      assert.deepEqual(outcome, { kind: 'passed' });
    } finally {
      delete process.env['QWEN_CODER_TEST_SECRET'];
    }
  });

  it('limits memory', async function () {
    if (process.platform !== 'linux') this.skip();
    assert.deepEqual(await run('x = bytearray(10 ** 9)'), failed('MemoryError'));
    const outcome = await run('x = []', 'while True: x.append("x" * 10 ** 6)');
    assert.notEqual(outcome.kind, 'passed');
  });

  it('has no network where the system can take it away', async function () {
    if (sandbox.facts.network !== 'namespace') this.skip();
    const devices = 'names = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]';
    assert.deepEqual(await run(devices, 'assert set(names) <= {"lo"}, names'), { kind: 'passed' });
  });

  it('leaves no folder and no process behind, also when it is aborted', async () => {
    const folders = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('qwen-coder-score-'));
    const before = folders();
    const controller = new AbortController();
    const started = sandbox.run('import time\ntime.sleep(1000)\n', controller.signal);
    await waitUntil(() => folders().length > before.length);
    controller.abort();
    await assert.rejects(started, { name: 'AbortError' });
    await waitUntil(() => folders().length <= before.length);
    await assert.rejects(sandbox.run('pass', controller.signal), { name: 'AbortError' });
  });

  it('needs a Python', async () => {
    await assert.rejects(
      PythonSandbox.open('no-such-python', { cpuSeconds: 1, memoryBytes: 512 * MEBIBYTE }),
      (error: unknown) => error instanceof CliError && error.exitCode === EXIT.fileFailed,
    );
    await assert.rejects(
      PythonSandbox.open(process.execPath, { cpuSeconds: 1, memoryBytes: 512 * MEBIBYTE }),
      CliError,
    );
  });
});

describe('scores', () => {
  it('join prompt, completion, suffix, test and check', () => {
    assert.equal(
      programOf(TASK, '    y = x\n'),
      'def double(x):\n    y = x\n    return y\n\n' +
        'def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n\ncheck(double)\n',
    );
  });

  const results = [
    { task_id: 'A', outcome: 'passed', exact: true },
    { task_id: 'B', outcome: 'failed', error: 'NameError', exact: false },
    { task_id: 'B', outcome: 'passed', exact: false },
    { task_id: 'C', outcome: 'timeout', exact: false },
  ] as const;

  it('are means over the tasks that have samples', () => {
    assert.deepEqual(scoreOf(10, results), {
      tasks: 10,
      sampledTasks: 3,
      samples: 4,
      passed: 2,
      failed: 1,
      timeouts: 1,
      exact: 1,
      passAt1: 1.5 / 3,
      exactMatch: 1 / 3,
    });
    assert.equal(scoreOf(10, []).passAt1, 0);
  });

  it('come in the order of the samples, whichever ends first, at most so many at a time', async () => {
    let running = 0;
    let most = 0;
    const sandbox = {
      run: async (program: string): Promise<ProgramOutcome> => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, program.includes('slow') ? 30 : 1));
        running--;
        return { kind: program.includes('slow') ? 'timeout' : 'passed' };
      },
    };
    const samples = ['slow', 'quick', '    y = 2 * x', 'quick', 'quick'].map((completion) => ({
      task_id: 'T/0',
      completion,
    }));
    const found = await scoreSamples(new Map([['T/0', TASK]]), samples, sandbox, { jobs: 2, signal: never });
    assert.deepEqual(
      found.map(({ outcome }) => outcome),
      ['timeout', 'passed', 'passed', 'passed', 'passed'],
    );
    assert.deepEqual(
      found.map(({ exact }) => exact),
      [false, false, true, false, false],
    );
    assert.equal(most, 2);
  });

  it('refuse a sample of another file’s task', async () => {
    const samples = [{ task_id: 'X', completion: '' }];
    const sandbox = { run: () => Promise.reject(new Error('not reached')) };
    await assert.rejects(
      scoreSamples(new Map([['T/0', TASK]]), samples, sandbox, { jobs: 1, signal: never }),
      CliError,
    );
  });
});

describe('qwen-coder score', function () {
  this.timeout(60_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let tasks: string;
  before(async () => {
    folder = await temporaryFolder();
    const list = [
      TASK,
      { ...TASK, task_id: 'T/1' },
      { ...TASK, task_id: 'T/2' },
      { ...TASK, task_id: 'T/3' },
    ];
    tasks = await file('tasks.jsonl', list);
  });
  after(() => folder.remove());
  const file = async (name: string, lines: readonly unknown[]): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  };
  const samples = () =>
    file('samples.jsonl', [
      { task_id: 'T/0', completion: '    y = 2 * x' },
      { task_id: 'T/1', completion: '    y = x + x\n' },
      { task_id: 'T/2', completion: '    y = 3 * x\n' },
      { task_id: 'T/3', completion: '    while True: pass\n' },
    ]);

  it('prints pass@1, exact match and counts, and writes them with every outcome', async () => {
    const json = join(folder.path, 'score.json');
    const words = ['score', '--in', tasks, '--samples', await samples(), '--timeout', '1', '--json', json];
    const { code, stdout, stderr } = await runCli(words);
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout,
      'pass@1        25.0 %\nexact match   25.0 %\n' +
        'samples      4 of 4 tasks (the file has 4): 1 passed, 2 failed, 1 ran out of time, 1 exact\n',
    );
    assert.match(stderr, /^Python 3/);
    const written = JSON.parse(await readFile(json, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(written['results'], [
      { task_id: 'T/0', outcome: 'failed', error: 'SyntaxError', exact: true },
      { task_id: 'T/1', outcome: 'passed', exact: false },
      { task_id: 'T/2', outcome: 'failed', error: 'AssertionError', exact: false },
      { task_id: 'T/3', outcome: 'timeout', exact: false },
    ]);
    assert.equal(written['passAt1'], 0.25);
  });

  it('exits with 1 below --fail-under, and can write JSON to standard output', async () => {
    const one = await file('one.jsonl', [
      { task_id: 'T/1', completion: '    y = x + x\n' },
      { task_id: 'T/2', completion: '' },
    ]);
    const words = ['score', '--in', tasks, '--samples', one, '--json', '-'];
    const below = await runCli([...words, '--fail-under', '50.1']);
    assert.equal(below.code, 1);
    assert.equal((JSON.parse(below.stdout) as { passAt1: number }).passAt1, 0.5);
    assert.equal((await runCli([...words, '--fail-under', '50'])).code, 0);
  });

  it('exits with 6 for files that are not what they should be', async () => {
    const empty = await file('empty.jsonl', []);
    const bare = await file('bare.jsonl', [{ task_id: 'T/0', prompt: '', suffix: '' }]);
    for (const words of [
      ['--in', tasks, '--samples', empty],
      ['--in', bare, '--samples', await samples()],
      ['--in', tasks, '--samples', join(folder.path, 'none.jsonl')],
      ['--in', tasks, '--samples', await samples(), '--python', 'no-such-python'],
    ]) {
      const { code, stdout } = await runCli(['score', ...words]);
      assert.deepEqual([code, stdout], [6, '']);
    }
    assert.ok(!existsSync(join(folder.path, 'none.jsonl')));
  });

  it('ends at a signal with 143', async () => {
    const waiting = await file('waiting.jsonl', [
      { task_id: 'T/0', completion: '    import time; time.sleep(1000)\n' },
    ]);
    const { code, signal } = await runCli(
      ['score', '--in', tasks, '--samples', waiting, '--timeout', '100'],
      {
        during: (child) =>
          new Promise((done) => {
            child.stderr.once('data', () => {
              child.kill('SIGTERM');
              done();
            });
          }),
      },
    );
    assert.deepEqual([code, signal], [143, null]);
  });
});
