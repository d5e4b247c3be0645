import assert from 'node:assert/strict';
import { documentedTests } from '../../../../src/assist/testgen/examples';
import type { Framework } from '../../../../src/assist/testgen/framework';
import { subjectOf } from '../../../../src/assist/testgen/subject';
import { testSyntax } from '../../../support/syntax';

const syntax = testSyntax();

async function tests(
  languageId: string,
  text: string,
  name: string,
  framework: Partial<Framework> & Pick<Framework, 'id'>,
): Promise<string[]> {
  const all = (await syntax.symbols(text, languageId)) ?? [];
  const symbol = all.find((each) => each.name === name);
  assert.ok(symbol);
  const target = { path: 'x', exists: false, module: 'x', commonJs: false };
  const subject = subjectOf(symbol, all, text, languageId, { reason: '', ...framework }, target);
  return (await documentedTests(subject, syntax)).map(({ code }) => code);
}

const python = (session: string): string =>
  `def f(a, b=0):\n    """Adds.\n\n${session
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')}\n    """\n    return a + b\n`;

describe('documented examples', () => {
  it('are comparisons in pytest, with the statements before them', async () => {
    const text = python(
      '>>> one = {"a": 1}\n>>> f(one["a"], 2)\n3\n\nAlso:\n\n>>> f([1],\n...   [2])\n[1, 2]',
    );
    assert.deepEqual(await tests('python', text, 'f', { id: 'pytest' }), [
      'def test_f_as_documented_1():\n    one = {"a": 1}\n    assert f(one["a"], 2) == 3',
      'def test_f_as_documented_2():\n    one = {"a": 1}\n    assert f([1],\n      [2]) == [1, 2]',
    ]);
  });

  it('are methods for unittest', async () => {
    assert.deepEqual(await tests('python', python('>>> f(1, 2)\n3'), 'f', { id: 'unittest' }), [
      'def test_f_as_documented_1(self):\n    self.assertEqual(f(1, 2), 3)',
    ]);
  });

  it('tell of errors', async () => {
    const text = python('>>> f(None)\nTraceback (most recent call last):\n    ...\nTypeError: no number');
    assert.deepEqual(await tests('python', text, 'f', { id: 'pytest' }), [
      'def test_f_as_documented_1():\n    with pytest.raises(TypeError):\n        f(None)',
    ]);
  });

  it('are left out where they print, are cut short, or are of something else', async () => {
    const text = python(
      '>>> print(f(1))\n1\n>>> f(range(9))\n[0, ... 8]\n>>> f(object)\n<object at 0x1>\n>>> g(1)\n1\n>>> f(1\n1',
    );
    assert.deepEqual(await tests('python', text, 'f', { id: 'pytest' }), []);
  });

  it('are four at most', async () => {
    const text = python([1, 2, 3, 4, 5, 6].map((n) => `>>> f(${n})\n${n}`).join('\n'));
    assert.equal((await tests('python', text, 'f', { id: 'pytest' })).length, 4);
  });

  const script = (comment: string): string =>
    `/**\n${comment
      .split('\n')
      .map((line) => ` * ${line}`)
      .join('\n')}\n */\nexport function f(a: number, b = 0): number {\n  return a + b;\n}\n`;

  it('are expectations in vitest and jest, with the result behind the call or below it', async () => {
    const text = script('Adds.\n\n@example\nconst one = 1;\nf(one, 2); // => 3\nf(4)\n// 4');
    assert.deepEqual(await tests('typescript', text, 'f', { id: 'vitest' }), [
      "it('works as documented (1)', () => {\n  const one = 1;\n  expect(f(one, 2)).toEqual(3);\n});",
      "it('works as documented (2)', () => {\n  const one = 1;\n  expect(f(4)).toEqual(4);\n});",
    ]);
  });

  it('use the assertions of the project elsewhere', async () => {
    const text = script('f(1) // returns 1');
    const checks = [
      ...(await tests('typescript', text, 'f', { id: 'node:test' })),
      ...(await tests('typescript', text, 'f', { id: 'mocha', assertions: 'chai' })),
    ].map((code) => code.split('\n')[1]);
    assert.deepEqual(checks, ['  assert.deepEqual(f(1), 1);', '  expect(f(1)).to.deep.equal(1);']);
  });

  it('are none where comments explain', async () => {
    const text = script(
      'f(1) // adds nothing to it\nf(2) // 2 because of the default\nconsole.log(f(3)) // 3',
    );
    assert.deepEqual(await tests('typescript', text, 'f', { id: 'vitest' }), []);
  });
});
