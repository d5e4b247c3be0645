import assert from 'node:assert/strict';
import { readResults } from '../../../../src/assist/testgen/results';
import { verifyTests } from '../../../../src/assist/testgen/verify';
import { answering, subject, syntax } from './subjects';

const PY = 'def add(a, b):\n    return a + b\n';

describe('verifyTests', () => {
  const junit = (...results: readonly (readonly [name: string, inner: string])[]): string =>
    results.map(([name, inner]) => `<testcase name="${name}">${inner}</testcase>`).join('');
  const output = (report: string) => ({ stdout: '', stderr: '', report });
  const unit = (name: string, body: string) => ({ name, code: `def ${name}():\n    assert ${body}` });

  it('keeps a failing test as it is, and repairs or drops one that does not run', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const engine = answering('def test_error():\n    assert add(1, 0) == 1\n');
    const parts = {
      imports: [],
      helpers: [],
      tests: [
        unit('test_good', 'add(1, 1) == 2'),
        unit('test_wrong', 'add(1, 1) == 3'),
        unit('test_error', 'add(1, x) == 1'),
        unit('test_gone', 'add(y) == 1'),
      ],
    };
    const failure = '<failure message="AssertionError: assert 2 == 3">test_calc.py:9</failure>';
    const error =
      '<failure message="NameError: name \'x\' is not defined">test_calc.py:9: NameError</failure>';
    const texts: string[] = [];
    const verified = await verifyTests({ engine, syntax, existing: '' }, about, parts, async (text) => {
      texts.push(text);
      return output(
        junit(
          ['test_good', ''],
          ['test_wrong', failure],
          ['test_error', texts.length === 1 ? error : ''],
          ['test_gone', error],
        ),
      );
    });
    assert.deepEqual(
      verified.results.map(({ name, status }) => [name, status]),
      [
        ['test_good', 'passed'],
        ['test_wrong', 'failed'],
        ['test_error', 'passed'],
      ],
    );
    assert.ok(
      texts.every((text) => text.includes('assert add(1, 1) == 3')),
      'a failing test is never edited',
    );
    assert.deepEqual(verified.repaired, ['test_error']);
    assert.deepEqual(
      verified.dropped.map(({ name }) => name),
      ['test_gone'],
    );
    assert.equal(texts.length, 2);
  });

  it('takes an error that the code raises for a bug that may have been found', async () => {
    const trace = 'test_calc.py:4: in test_a\n    add(1)\ncalc.py:2: in add\nE   ZeroDivisionError';
    const report = junit([
      'test_a',
      `<failure message="ZeroDivisionError: division by zero">${trace}</failure>`,
    ]);
    assert.equal(readResults('pytest', output(report), 'test_calc.py')[0]?.status, 'failed');
  });

  it('takes a failing test with several comparisons apart, and changes none', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const code = 'def test_both():\n    assert add(1, 1) == 2\n    assert add(1, 1) == 3';
    const parts = { imports: [], helpers: [], tests: [{ name: 'test_both', code }] };
    const failure = '<failure message="AssertionError: assert 2 == 3">test_calc.py:9</failure>';
    const verified = await verifyTests(
      { engine: answering(''), syntax, existing: '' },
      about,
      parts,
      async (text) =>
        output(
          text.includes('test_both_2')
            ? junit(['test_both', ''], ['test_both_2', failure])
            : junit(['test_both', failure]),
        ),
    );
    assert.deepEqual(
      verified.parts.tests.map((each) => each.code),
      ['def test_both():\n    assert add(1, 1) == 2', 'def test_both_2():\n    assert add(1, 1) == 3'],
    );
    assert.deepEqual(
      verified.results.map(({ status }) => status),
      ['passed', 'failed'],
    );
  });

  it('asks once for other cases where none passes, and keeps both', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const engine = answering('1, 2)` gives `3`', 'one():\n    assert add(1, 2) == 3\n');
    const parts = { imports: [], helpers: [], tests: [unit('test_wrong', 'add(1, 1) == 3')] };
    const failure = '<failure message="AssertionError: assert 2 == 3">test_calc.py:9</failure>';
    const verified = await verifyTests({ engine, syntax, existing: '' }, about, parts, async (text) =>
      output(
        junit(
          ['test_wrong', failure],
          ...(text.includes('add(1, 2)') ? [['test_add_one', ''] as const] : []),
        ),
      ),
    );
    assert.deepEqual(
      verified.results.map(({ name, status }) => [name, status]),
      [
        ['test_wrong', 'failed'],
        ['test_add_one', 'passed'],
      ],
    );
    assert.ok(
      engine.runs[0]?.request.sampling !== undefined && engine.runs[1]?.request.sampling === undefined,
    );
    assert.equal(engine.runs.length, 2);
  });

  it('drops nothing where nothing could be run', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const parts = { imports: [], helpers: [], tests: [unit('test_good', 'add(1, 1) == 2')] };
    const run = async () => ({ stdout: '', stderr: 'No module named pytest', report: '' });
    const verified = await verifyTests({ engine: answering(''), syntax, existing: '' }, about, parts, run);
    assert.match(verified.notRun ?? '', /No module named pytest/);
    assert.deepEqual(verified.parts, parts);
  });
});
