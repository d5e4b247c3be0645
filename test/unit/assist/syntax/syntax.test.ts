import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { grammarOf } from '../../../../src/assist/syntax/grammars';
import { testSyntax } from '../../../support/syntax';

describe('Syntax', () => {
  const syntax = testSyntax();

  /** Language, text that parses, text that does not. */
  const cases: [language: string, good: string, bad: string][] = [
    ['python', 'def f(a):\n    return a\n', 'def f(a:\n    return a\n'],
    ['javascript', 'const f = (a) => a;\n', 'const f = (a => ;\n'],
    ['javascriptreact', 'const f = () => <b>x</b>;\n', 'const f = () => <b>x;\n'],
    ['typescript', 'function f(a: number): number { return a; }\n', 'function f(a: number { return a; }\n'],
    ['typescriptreact', 'const f = (): JSX.Element => <b>x</b>;\n', 'const f = () => <b>x</i;\n'],
    ['go', 'package a\nfunc f(a int) int { return a }\n', 'package a\nfunc f(a int int { return a }\n'],
    ['rust', 'fn f(a: i32) -> i32 { a }\n', 'fn f(a: i32 -> i32 { a }\n'],
    ['java', 'class A { int f(int a) { return a; } }\n', 'class A { int f(int a { return a; } }\n'],
    ['csharp', 'class A { int F(int a) { return a; } }\n', 'class A { int F(int a { return a; } }\n'],
    ['c', 'int f(int a) { return a; }\n', 'int f(int a { return a; }\n'],
    ['cpp', 'int f(int a) { return a; }\n', 'int f(int a { return a; \n'],
    ['php', '<?php function f($a) { return $a; }\n', '<?php function f($a { return $a; \n'],
    ['ruby', 'def f(a)\n  a\nend\n', 'def f(a\n  a\n'],
    ['shellscript', 'f() { echo "$1"; }\n', 'f() { echo "$1; \n'],
    ['css', 'a { color: red; }\n', 'a { color: red; '],
  ];
  for (const [language, good, bad] of cases) {
    it(`tells what parses in ${language}`, async () => {
      assert.deepEqual(await syntax.problems(good, language), []);
      assert.notDeepEqual(await syntax.problems(bad, language), []);
    });
  }

  it('knows nothing of a language without a grammar', async () => {
    assert.equal(await syntax.problems('x', 'cobol'), undefined);
    assert.equal(await syntax.parsesAsWell('x', 'y', 'cobol'), undefined);
    assert.equal(await syntax.symbols('x', 'toString'), undefined);
  });

  it('forgives what was broken before', async () => {
    const broken = 'def f(:\n    pass\n\ndef g():\n    return 1\n';
    assert.equal(await syntax.parsesAsWell(broken.replace('return 1', 'return 2'), broken, 'python'), true);
    assert.equal(await syntax.parsesAsWell(broken.replace('return 1', 'return (2'), broken, 'python'), false);
    assert.equal(await syntax.parsesAsWell('x = 1', broken, 'python'), true);
  });

  it('finds symbols with what belongs to them', async () => {
    const text = 'import os\n\n@cache\ndef f(a):\n    return a\n\nclass A:\n    def g(self):\n        pass\n';
    const symbols = (await syntax.symbols(text, 'python')) ?? [];
    assert.deepEqual(
      symbols.map(({ name, kind, within, startLine, endLine }) => [name, kind, within, startLine, endLine]),
      [
        ['f', 'function', [], 2, 4],
        ['A', 'class', [], 6, 8],
        ['g', 'method', ['A'], 7, 8],
      ],
    );
    assert.equal(text.slice(symbols[0]?.body), `${text.slice(text.indexOf('return a'))}`);
    assert.equal((await syntax.symbolAt(text, 'python', text.indexOf('pass')))?.name, 'g');
  });

  it('finds exported functions, arrow functions and methods of TypeScript', async () => {
    const text =
      'export function f() {}\nexport const g = (a: number) => a;\nconst h = 3;\nexport class A {\n  k(): void {}\n}\n';
    const symbols = (await syntax.symbols(text, 'typescript')) ?? [];
    assert.deepEqual(
      symbols.map(({ name, kind, exported }) => [name, kind, exported]),
      [
        ['f', 'function', true],
        ['g', 'function', true],
        ['A', 'class', true],
        ['k', 'method', false],
      ],
    );
  });

  it('finds the names that C and Go put elsewhere', async () => {
    const c = (await syntax.symbols('int *find(char *s) { return 0; }\n', 'c')) ?? [];
    assert.deepEqual(
      c.map(({ name }) => name),
      ['find'],
    );
    const go =
      (await syntax.symbols('package a\nfunc (s *S) Len() int { return 0 }\ntype S struct{}\n', 'go')) ?? [];
    assert.deepEqual(
      go.map(({ name }) => name),
      ['Len', 'S'],
    );
  });

  it('has every grammar that it names, in the build too', () => {
    for (const folder of ['node_modules/@vscode/tree-sitter-wasm/wasm', 'dist/grammars']) {
      assert.ok(existsSync(folder));
      const files = readdirSync(folder);
      for (const [language] of cases) {
        assert.ok(files.includes(`tree-sitter-${grammarOf(language)?.name}.wasm`), `${folder} ${language}`);
      }
    }
  });
});
