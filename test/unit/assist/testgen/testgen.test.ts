import assert from 'node:assert/strict';
import { detectFramework, type FrameworkId } from '../../../../src/assist/testgen/framework';
import { dialectOf, generateTests, testFileText } from '../../../../src/assist/testgen/generate';
import { testTarget } from '../../../../src/assist/testgen/target';
import { readCases } from '../../../../src/assist/testgen/testQuestions';
import { answering, project, subject, syntax } from './subjects';

describe('the test framework', () => {
  const cases: [language: string, files: Record<string, string>, id: FrameworkId][] = [
    ['python', { 'pyproject.toml': '[tool.pytest.ini_options]' }, 'pytest'],
    ['python', { 'requirements-dev.txt': 'pytest==8\n' }, 'pytest'],
    ['python', { 'tests/test_b.py': 'import unittest\nclass T(unittest.TestCase): pass\n' }, 'unittest'],
    ['python', { 'conftest.py': '' }, 'pytest'],
    ['python', {}, 'pytest'],
    ['typescript', { 'package.json': '{"devDependencies":{"vitest":"1"}}' }, 'vitest'],
    ['typescript', { 'package.json': '{"scripts":{"test":"jest"}}' }, 'jest'],
    ['javascript', { 'package.json': '{"devDependencies":{"mocha":"1","chai":"4"}}' }, 'mocha'],
    ['javascript', { 'package.json': '{"scripts":{"test":"node --test"}}' }, 'node:test'],
    [
      'javascript',
      { 'package.json': '{ broken', 'test/a.test.js': "import { it } from 'node:test';" },
      'node:test',
    ],
    ['javascript', {}, 'node:test'],
    ['go', {}, 'go'],
    ['rust', {}, 'cargo'],
    ['java', { 'pom.xml': '<artifactId>junit</artifactId>' }, 'junit'],
    ['cobol', {}, 'generic'],
  ];
  for (const [language, files, id] of cases) {
    it(`is ${id} for ${language} with ${Object.keys(files).join(', ') || 'nothing'}`, () => {
      assert.equal(detectFramework(language, 'src/a', project(files)).id, id);
    });
  }
});

describe('the test file', () => {
  /** Source path, other files, and the path and module of its tests. */
  const cases: [source: string, files: Record<string, string>, path: string, module: string][] = [
    ['a.py', {}, 'test_a.py', 'a'],
    ['shop/cart.py', { 'shop/__init__.py': '', 'tests/test_x.py': '' }, 'tests/test_cart.py', 'shop.cart'],
    [
      'src/shop/cart.py',
      { 'src/shop/__init__.py': '', 'tests/test_x.py': '' },
      'tests/test_cart.py',
      'shop.cart',
    ],
    ['lib/a.py', { 'lib/b_test.py': '' }, 'lib/a_test.py', 'a'],
    ['a.py', { 'tests/unit/test_a.py': '' }, 'tests/unit/test_a.py', 'a'],
    ['src/a.ts', { 'src/b.test.ts': "import { b } from './b';" }, 'src/a.test.ts', './a'],
    ['src/a.ts', { 'test/b.spec.ts': "import { b } from '../src/b.js';" }, 'test/a.spec.ts', '../src/a.js'],
    [
      'src/x/a.ts',
      { 'test/x/b.test.ts': "import { b } from '../../src/x/b';" },
      'test/x/a.test.ts',
      '../../src/x/a',
    ],
    ['src/a.js', { 'src/__tests__/b.test.js': '' }, 'src/__tests__/a.test.js', '../a.js'],
    ['a.js', { 'package.json': '{"type":"module"}' }, 'a.test.js', './a.js'],
    ['x/max.go', {}, 'x/max_test.go', 'max'],
    ['src/lib.rs', {}, 'src/lib.rs', ''],
    ['src/main/java/p/A.java', {}, 'src/test/java/p/ATest.java', 'p'],
  ];
  const languages: Record<string, string> = {
    py: 'python',
    ts: 'typescript',
    js: 'javascript',
    go: 'go',
    rs: 'rust',
    java: 'java',
  };
  for (const [path, files, expected, module] of cases) {
    it(`of ${path} with ${Object.keys(files).join(', ') || 'nothing'} is ${expected}`, () => {
      const languageId = languages[path.split('.').at(-1) ?? ''] ?? '';
      const text =
        languageId === 'go'
          ? 'package max\n'
          : languageId === 'java'
            ? 'package p;\n'
            : 'export const a = 1;';
      const facts = project({ ...files, [path]: text });
      const target = testTarget({ languageId, path, text }, detectFramework(languageId, path, facts), facts);
      assert.deepEqual([target.path, target.module], [expected, module]);
    });
  }
});

const PY = 'def add(a, b):\n    return a + b\n';

describe('Python tests', () => {
  it('are rendered with what they import and nothing else', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const tests = [{ name: 'test_one', code: 'def test_one():\n    assert add(1, 1) == 2' }];
    const parts = { imports: ['import math'], helpers: [], tests };
    assert.equal(
      await testFileText(parts, about, undefined, syntax),
      'from calc import add\n\n\ndef test_one():\n    assert add(1, 1) == 2\n',
    );
  });

  it('are added to a file that is there, before its main', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const existing =
      'import pytest\nfrom calc import sub\n\n\ndef test_sub():\n    assert sub(1, 1) == 0\n\n\nif __name__ == "__main__":\n    pytest.main()\n';
    const parts = {
      imports: [],
      helpers: [],
      tests: [{ name: 'test_a', code: 'def test_a():\n    assert add(1, 1) == 2' }],
    };
    assert.equal(
      await testFileText(parts, about, existing, syntax),
      'import pytest\nfrom calc import sub\nfrom calc import add\n\n\ndef test_sub():\n    assert sub(1, 1) == 0\n\n\ndef test_a():\n    assert add(1, 1) == 2\n\n\nif __name__ == "__main__":\n    pytest.main()\n',
    );
  });

  it('are methods of a class for unittest, also in the class that is there', async () => {
    const old =
      'import unittest\n\nfrom calc import add\n\n\nclass TestAdd(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(add(0, 0), 0)\n';
    const about = await subject('python', 'calc.py', PY, 'add', { 'test_calc.py': old });
    assert.equal(about.framework.id, 'unittest');
    const dialect = dialectOf('unittest');
    const parts = await dialect?.parts(
      'class T(unittest.TestCase):\n    def test_b(self):\n        self.assertEqual(add(1, 1), 2)\n',
      about,
      syntax,
    );
    assert.ok(parts);
    const merged = await testFileText(parts, about, old, syntax);
    assert.equal(merged, `${old}\n    def test_b(self):\n        self.assertEqual(add(1, 1), 2)\n`);
  });
});

const TS = 'export function add(a: number, b: number): number {\n  return a + b;\n}\n';

describe('TypeScript tests', () => {
  const vitest = { 'package.json': '{"devDependencies":{"vitest":"1"}}' };

  it('are rendered in one block', async () => {
    const about = await subject('typescript', 'add.ts', TS, 'add', vitest);
    const parts = await dialectOf('vitest')?.parts(
      "import { add } from './wrong';\nimport { x } from 'y';\nimport { unused } from 'y';\ndescribe('z', () => {\n  test('adds', () => {\n    expect(add(x, 1)).toBe(2);\n  });\n});\n",
      about,
      syntax,
    );
    assert.ok(parts);
    assert.equal(
      await testFileText(parts, about, undefined, syntax),
      "import { describe, expect, it } from 'vitest';\nimport { add } from './add';\nimport { x } from 'y';\n\ndescribe('add', () => {\n  it('adds', () => {\n    expect(add(x, 1)).toBe(2);\n  });\n});\n",
    );
  });

  it('import what else the file exports, and compare what can be equal', async () => {
    const text = `${TS}export const LIMIT = 9;\n`;
    const about = await subject('typescript', 'add.ts', text, 'add', vitest);
    const test = (body: string) => `it('a', () => {\n  ${body}\n});\n`;
    const code = [
      'expect([add(LIMIT, 1)]).toBe([10]);',
      'expect(add(0.1, 0.234)).toBe(0.334);',
      'expect(add(1, 1)).toBe(2);',
    ]
      .map(test)
      .join('');
    const parts = await dialectOf('vitest')?.parts(code, about, syntax);
    assert.ok(parts);
    const file = await testFileText(parts, about, undefined, syntax);
    assert.match(file, /^import \{ add, LIMIT \} from '.\/add';$/m);
    assert.deepEqual(file.match(/expect\(.*;/g), [
      'expect([add(LIMIT, 1)]).toEqual([10]);',
      'expect(add(0.1, 0.234)).toBeCloseTo(0.334, 3);',
      'expect(add(1, 1)).toBe(2);',
    ]);
  });

  it('go into the block and the imports that are there', async () => {
    const about = await subject('typescript', 'add.ts', TS, 'add', vitest);
    const existing =
      "import { describe, expect, it } from 'vitest';\nimport { sub } from './add';\n\ndescribe('add', () => {\n  it('a', () => {\n    expect(1).toBe(1);\n  });\n});\n";
    const parts = {
      imports: [],
      helpers: [],
      tests: [{ name: 'b', code: "it('b', () => {\n  expect(add(1, 1)).toBe(2);\n});" }],
    };
    const merged = await testFileText(parts, about, existing, syntax);
    assert.match(merged, /import \{ sub, add \} from '\.\/add';/);
    assert.match(merged, /\n {2}\}\);\n\n {2}it\('b', \(\) => \{\n {4}expect/);
    assert.deepEqual(await syntax.problems(merged, 'typescript'), []);
    assert.equal(merged.match(/describe\('add'/g)?.length, 1);
  });
});

for (const [id, languageId, path, text, name] of [
  ['go', 'go', 'max.go', 'package max\n\nfunc Max(a int) int {\n\treturn a\n}\n', 'Max'],
  ['cargo', 'rust', 'src/lib.rs', 'pub fn max(a: i32) -> i32 {\n    a\n}\n', 'max'],
  ['junit', 'java', 'A.java', 'public class A {\n    int max(int a) { return a; }\n}\n', 'max'],
] as const) {
  describe(`${languageId} tests`, () => {
    const test = {
      go: 'package max\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n\tif Max(1) != 1 {\n\t\tt.Errorf("no")\n\t}\n}\n',
      cargo:
        '#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn one() {\n        assert_eq!(max(1), 1);\n    }\n}\n',
      junit:
        'class ATest {\n    @Test\n    public void one() {\n        assertEquals(1, new A().max(1));\n    }\n}\n',
    }[id];

    it('are taken apart, put into a file, and added to it', async () => {
      const about = await subject(languageId, path, text, name);
      assert.equal(about.framework.id, id);
      const dialect = dialectOf(id);
      const parts = await dialect?.parts(test, about, syntax);
      assert.ok(dialect && parts);
      assert.equal(parts.tests.length, 1);
      const existing = id === 'cargo' ? text : undefined;
      const file = await testFileText(parts, about, existing, syntax);
      assert.deepEqual(await syntax.problems(file, languageId), [], file);
      const [unit] = parts.tests;
      assert.ok(unit && dialect.checks(unit.code));
      const more = { ...parts, imports: [], tests: [dialect.rename(unit, 'TestTwo')] };
      const merged = await testFileText(more, about, file, syntax);
      assert.deepEqual(await syntax.problems(merged, languageId), [], merged);
      assert.equal((await dialect.parts(merged, about, syntax)).tests.length, 2);
    });
  });
}

describe('Python tests of a module', () => {
  it('import what else it defines and imports, where they use it', async () => {
    const text =
      'from collections import (\n    OrderedDict,\n    deque,\n)\nimport re\nfrom .other import gone\n\nSEP = "-"\n\n\ndef help_(): pass\n\n\ndef add(a, b):\n    return a + b\n';
    const about = await subject('python', 'calc.py', text, 'add');
    const code = 'def test_a():\n    assert add(deque([1]), SEP) == deque([gone])\n';
    const parts = await dialectOf('pytest')?.parts(code, about, syntax);
    assert.ok(parts);
    assert.equal(
      await testFileText(parts, about, undefined, syntax),
      `from calc import add\nfrom collections import deque\nfrom calc import SEP\n\n\n${code}`,
    );
  });

  it('compare decimals to as many digits as they have', async () => {
    const about = await subject('python', 'calc.py', PY, 'add');
    const code = 'def test_a():\n    assert add(1, 2) == 3.142\n    assert add(1, 2) == 0.5\n';
    const [unit] = (await dialectOf('pytest')?.parts(code, about, syntax))?.tests ?? [];
    assert.match(unit?.code ?? '', /== pytest\.approx\(3\.142, abs=0\.0005\)\n.*== 0\.5$/);
  });
});

describe('generateTests', () => {
  it('asks for cases, then for code, and keeps what is a test of the subject', async () => {
    const engine = answering(
      '1, 1)` gives `2`\n2. `add(0, 0)` gives `0`\n3. c\n4. d\n5. e',
      'one():\n    assert add(1, 1) == 2\n\n\ndef test_two():\n    assert add(1, 1) == 2\n\n\ndef test_none():\n    add(1, 2)\n\n\ndef test_other():\n    assert 1 == 1\n\n\ndef test_broken():\n    assert add(1, == 2\n',
    );
    const about = await subject('python', 'calc.py', PY, 'add');
    const { cases, parts, dropped } = await generateTests({ engine, syntax, existing: '' }, about);
    assert.deepEqual(cases.slice(0, 2), ['`add(1, 1)` gives `2`', '`add(0, 0)` gives `0`']);
    assert.deepEqual(parts.tests, [
      { name: 'test_add_one', code: 'def test_add_one():\n    assert add(1, 1) == 2' },
    ]);
    assert.deepEqual(
      dropped.map(({ name }) => name),
      ['test_two', 'test_none', 'test_other', 'test_broken'],
    );
    assert.match(engine.last.prompt, /2\. `add\(0, 0\)` gives `0`/);
    assert.ok(engine.last.prompt.endsWith('from calc import add\n\n\ndef test_add_'));
  });

  it('writes no test that the file has, and no second of a name', async () => {
    const engine = answering(
      'x',
      'one():\n    assert add(1, 1) == 2\n\n\ndef test_three():\n    assert add(1, 2) == 3\n',
    );
    const about = await subject('python', 'calc.py', PY, 'add');
    const existing =
      'from calc import add\n\n\ndef test_old():\n    assert add(1, 1) == 2\n\n\ndef test_three():\n    assert add(3, 0) == 3\n';
    const { parts } = await generateTests({ engine, syntax, existing }, about);
    assert.deepEqual(
      parts.tests.map(({ name }) => name),
      ['test_three_2'],
    );
  });

  it('reads cases however they are marked', () => {
    assert.deepEqual(readCases('1. a\n2) b\n- c\n* d\nno case'), ['a', 'b', 'c', 'd']);
  });
});
