import assert from 'node:assert/strict';
import { splitTest } from '../../../../src/assist/testgen/split';

describe('splitTest', () => {
  it('gives each comparison in Python a test with what comes before them', () => {
    const code =
      'def test_a():\n    one = f(\n        1,\n    )\n    # both\n    assert one == 1\n\n    assert f(2) == [\n        2,\n    ]\n    with pytest.raises(ValueError):\n        f(3)';
    const setup = '    one = f(\n        1,\n    )';
    assert.deepEqual(splitTest({ name: 'test_a', code }, 'python'), [
      { name: 'test_a', code: `def test_a():\n${setup}\n    assert one == 1` },
      { name: 'test_a_2', code: `def test_a_2():\n${setup}\n    assert f(2) == [\n        2,\n    ]` },
      {
        name: 'test_a_3',
        code: `def test_a_3():\n${setup}\n    with pytest.raises(ValueError):\n        f(3)`,
      },
    ]);
  });

  it('gives each in TypeScript one', () => {
    const code =
      "it('does $& it', () => {\n  const a = [1];\n  expect(f(a)).toEqual([\n    1,\n  ]);\n  expect(f([])).toEqual([]);\n});";
    assert.deepEqual(splitTest({ name: 'does $& it', code }, 'typescript'), [
      {
        name: 'does $& it',
        code: "it('does $& it', () => {\n  const a = [1];\n  expect(f(a)).toEqual([\n    1,\n  ]);\n});",
      },
      {
        name: 'does $& it (2)',
        code: "it('does $& it (2)', () => {\n  const a = [1];\n  expect(f([])).toEqual([]);\n});",
      },
    ]);
  });

  for (const [what, code] of [
    ['one comparison', 'def test_a():\n    assert f(1) == 1'],
    ['something between them', 'def test_a():\n    assert f(1) == 1\n    x = g()\n    assert x == 2'],
    [
      'a loop around them',
      'def test_a():\n    for x in y:\n        assert f(x) == 1\n        assert f(x) == 2',
    ],
    ['a test in one line', "it('a', () => expect(f(1)).toBe(1));"],
  ] as const) {
    it(`leaves ${what} as it is`, () => {
      assert.equal(
        splitTest({ name: 'test_a', code }, code.startsWith('it') ? 'typescript' : 'python'),
        undefined,
      );
    });
  }
});
