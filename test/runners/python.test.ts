/** What pytest and unittest really say, and how they find a project's modules. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTests } from '../../src/extension/testgen/runTests';
import { Project } from './project';

const CODE = 'def add(a, b):\n    return a + b\n\n\ndef broken(items):\n    return items[0]\n';
const FILES = {
  'shop/__init__.py': '',
  'shop/calc.py': CODE,
  'tests/__init__.py': '',
  'tests/values.py': 'ONE = 1\n',
};

const PYTEST = `import pytest

from shop.calc import add, broken
from .values import ONE


def test_adds():
    assert add(ONE, 2) == 3


@pytest.mark.parametrize("value", [1, 2])
def test_one_of_several_fails(value):
    assert add(value, 0) == 1


def test_expects_something_wrong():
    assert add(1, 2) == 4


def test_waits_for_an_error():
    with pytest.raises(ValueError):
        add(1, 2)


def test_meets_a_bug():
    assert broken([]) == 0


def test_does_not_run():
    assert add(missing, 2) == 3


def test_is_skipped():
    pytest.skip("no")
`;

const UNITTEST = `import unittest

from shop.calc import add, broken
from .values import ONE


class TestAdd(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(ONE, 2), 3)

    def test_one_of_several_fails(self):
        for value in (1, 2):
            with self.subTest(value=value):
                self.assertEqual(add(value, 0), 1)

    def test_expects_something_wrong(self):
        self.assertEqual(add(1, 2), 4)

    def test_waits_for_an_error(self):
        with self.assertRaises(ValueError):
            add(1, 2)

    def test_meets_a_bug(self):
        self.assertEqual(broken([]), 0)

    def test_does_not_run(self):
        self.assertEqual(add(missing, 2), 3)

    def test_is_skipped(self):
        self.skipTest("no")
`;

const EXPECTED = {
  test_adds: 'passed',
  test_one_of_several_fails: 'failed',
  test_expects_something_wrong: 'failed',
  test_waits_for_an_error: 'failed',
  test_meets_a_bug: 'failed',
  test_does_not_run: 'error',
  test_is_skipped: 'error',
} as const;

for (const [framework, text] of [
  ['pytest', PYTEST],
  ['unittest', UNITTEST],
] as const) {
  describe(`${framework} in a project`, function () {
    this.timeout(60_000);
    let project: Project;
    before(async () => void (project = await Project.create(FILES, 'pytest')));
    after(() => project.remove());

    it('says what passed, failed, met an error of the code, and does not run', async () => {
      const ran = await project.run(framework, 'tests/test_calc.py', text);
      // Of a test that ran several times, the last result: which one counts is for the caller to say.
      ran.are(EXPECTED);
      assert.match(ran.messageOf('test_does_not_run'), /name 'missing' is not defined/);
    });

    it('says why a file is not read: a module that is not there', async () => {
      const broken = text.replace('shop.calc', 'shop.nothing');
      const ran = await project.run(framework, 'tests/test_calc.py', broken);
      ran.isUnloadable(/No module named 'shop\.nothing'/);
    });

    it('says why a file is not read: it does not parse', async () => {
      const ran = await project.run(framework, 'tests/test_calc.py', `${text}\ndef test_(:\n`);
      ran.isUnloadable(/SyntaxError|invalid syntax/);
    });

    it('says so where a file ends the program while it is imported', async () => {
      const ran = await project.run(framework, 'tests/test_calc.py', `import sys\nsys.exit(3)\n${text}`);
      assert.ok(ran.results.every(({ status }) => status === 'error'));
    });
  });
}

describe('Python without pytest', function () {
  this.timeout(120_000);
  let project: Project;
  before(async () => {
    project = await Project.create({ 'calc.py': CODE, 'src/far.py': 'def far():\n    return 1\n' });
    // The project's own environment has nothing but the library.
    const made = spawnSync('python3', ['-m', 'venv', '--without-pip', join(project.root, '.venv')]);
    assert.equal(made.status, 0, made.stderr.toString());
  });
  after(() => project.remove());

  it('runs unittest all the same', async () => {
    const text =
      'import unittest\n\nfrom calc import add\nfrom far import far\n\n\nclass TestAdd(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(far(), 2), 3)\n';
    (await project.run('unittest', 'test_calc.py', text)).are({ test_adds: 'passed' });
    (await project.run('unittest', 'more-tests/test_calc.py', text)).are({ test_adds: 'passed' });
  });

  it('says how pytest is installed', async () => {
    const text = 'from calc import add\n\n\ndef test_adds():\n    assert add(1, 2) == 3\n';
    const ran = await project.run('pytest', 'test_calc.py', text);
    ran.isUnloadable(/No module named pytest\. Install it: \S*\.venv\S*python\S* -m pip install pytest/);
  });
});

describe('a run of tests', function () {
  this.timeout(60_000);

  it('writes nothing into the project, and ends when it is cancelled', async () => {
    const project = await Project.create({ 'calc.py': CODE }, 'pytest');
    const text = 'import time\n\n\ndef test_hangs():\n    time.sleep(600)\n';
    const started = Date.now();
    const cancelled = runTests(
      { framework: 'pytest', root: project.root, path: 'test_calc.py', text },
      AbortSignal.timeout(3000),
    );
    await assert.rejects(cancelled, { code: 'aborted' });
    assert.ok(Date.now() - started < 30_000);
    await assert.rejects(readFile(join(project.root, 'test_calc.py')), { code: 'ENOENT' });
    await project.remove();
  });
});
