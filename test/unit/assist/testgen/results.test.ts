import assert from 'node:assert/strict';
import type { FrameworkId } from '../../../../src/assist/testgen/framework';
import { reportInMarkdown } from '../../../../src/assist/testgen/report';
import { readResults } from '../../../../src/assist/testgen/results';

describe('results', () => {
  const read = (id: FrameworkId, stdout: string, file = 'a.test.js') =>
    readResults(id, { stdout, stderr: '', report: '' }, file).map(({ name, status }) => [name, status]);

  it('are read from TAP', () => {
    const tap =
      "TAP version 13\n# Subtest: f\n    # Subtest: good\n    ok 1 - good\n      ---\n      duration_ms: 1\n      ...\n    not ok 2 - wrong\n      ---\n      error: 'Expected'\n      code: 'ERR_ASSERTION'\n      stack: |-\n        x (file:///t/a.test.js:9:1)\n      ...\n    not ok 3 - broken\n      ---\n      error: 'x is not defined'\n      code: 'ERR_TEST_FAILURE'\n      stack: |-\n        TestContext.<anonymous> (file:///t/a.test.js:9:1)\n      ...\n    1..3\nnot ok 1 - f\n  ---\n  type: 'suite'\n  ...\n";
    assert.deepEqual(read('node:test', tap), [
      ['good', 'passed'],
      ['wrong', 'failed'],
      ['broken', 'error'],
    ]);
  });

  it('are read from TAP at once where a comparison leaves lines out', () => {
    const block = (text: string): string =>
      text
        .split('\n')
        .map((line) => `        ${line}`)
        .join('\n');
    const compared = `Expected values to be strictly deep-equal:\n+ actual - expected ... Lines skipped\n\n  [\n    1,\n...\n${'    58,\n'.repeat(30)}+   60\n-   61\n  ]`;
    const tap = `# Subtest: f\n    # Subtest: long\n    not ok 1 - long\n      ---\n      error: |-\n${block(compared)}\n      code: 'ERR_ASSERTION'\n      stack: |-\n        x (file:///t/a.test.js:9:1)\n      ...\n    1..1\n`;
    const [result, ...others] = readResults(
      'node:test',
      { stdout: tap, stderr: '', report: '' },
      'a.test.js',
    );
    assert.deepEqual(others, []);
    assert.equal(result?.status, 'failed');
    assert.match(
      result.message,
      /^Expected values to be strictly deep-equal: \+ actual - expected \.\.\. Lines skipped \[ 1,$/,
    );
  });

  it('are read from the JSON of vitest and jest', () => {
    const json = JSON.stringify({
      testResults: [
        {
          assertionResults: [
            { title: 'good', status: 'passed' },
            { title: 'wrong', status: 'failed', failureMessages: ['AssertionError: expected 2 to be 3'] },
            {
              title: 'broken',
              status: 'failed',
              failureMessages: ['ReferenceError: x is not defined\n at /t/a.test.js:3:1'],
            },
          ],
        },
      ],
    });
    assert.deepEqual(read('vitest', json), [
      ['good', 'passed'],
      ['wrong', 'failed'],
      ['broken', 'error'],
    ]);
  });

  it('are read from mocha, go and cargo', () => {
    const mocha = JSON.stringify({
      tests: [
        { title: 'a', err: {} },
        { title: 'b', err: { message: 'no', name: 'AssertionError' } },
      ],
    });
    assert.deepEqual(read('mocha', mocha), [
      ['a', 'passed'],
      ['b', 'failed'],
    ]);
    const go =
      '{"Action":"pass","Test":"TestA"}\n{"Action":"output","Test":"TestB","Output":"a_test.go:3: no"}\n{"Action":"fail","Test":"TestB"}\n';
    assert.deepEqual(read('go', go), [
      ['TestA', 'passed'],
      ['TestB', 'failed'],
    ]);
    assert.deepEqual(read('cargo', 'test tests::a ... ok\ntest tests::b ... FAILED\n'), [
      ['a', 'passed'],
      ['b', 'failed'],
    ]);
  });

  it('are told to the person, names of a model as code', () => {
    const markdown = reportInMarkdown({
      title: 'add',
      framework: 'pytest',
      reason: 'a',
      path: 'test_calc.py',
      kept: 1,
      dropped: [{ name: '[x](http://y)', why: 'it checks nothing' }],
      results: [{ name: 'test_a', status: 'failed', message: 'assert 2 == 3' }],
    });
    assert.match(markdown, /0 passed, 1 failed/);
    assert.match(markdown, /`\[x\]\(http:\/\/y\)`: `it checks nothing`/);
  });
});
