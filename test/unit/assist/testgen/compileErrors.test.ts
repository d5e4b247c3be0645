import assert from 'node:assert/strict';
import {
  compileErrors,
  withoutBrokenTests,
  type Compiled,
} from '../../../../src/assist/testgen/compileErrors';

describe('a test that a compiler refuses', () => {
  const GO = 'package a\n\nfunc TestA(t *testing.T) {\n\tx()\n}\n\nfunc TestB(t *testing.T) {\n\ty()\n}\n';
  const RUST =
    'fn own() {\n    x();\n}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {\n        x();\n    }\n\n    #[test]\n    #[should_panic]\n    fn b() {\n        y();\n    }\n}\n';
  const JAVA =
    'class ATest {\n    @Test\n    public void a() {\n        x();\n    }\n\n    @Test\n    void b() {\n        y();\n    }\n\n    void helper() {\n        z();\n    }\n}\n';
  const SCRIPT = "describe('f', () => {\n  it('a', () => {\n    x();\n  });\n\n  it('b', () => y());\n});\n";

  /** The test that is refused, in each compiler's words, and the line that says so. */
  const cases: [
    language: Compiled,
    path: string,
    text: string,
    said: string,
    broken: string,
    gone: RegExp,
  ][] = [
    [
      'go',
      'p/a_test.go',
      GO,
      '{"ImportPath":"a","Action":"build-output","Output":"./a_test.go:8:2: undefined: y\\n"}',
      'TestB',
      /TestB/,
    ],
    [
      'cargo',
      'src/lib.rs',
      RUST,
      'src/lib.rs:14:9: error[E0425]: cannot find function `y`',
      'b',
      /should_panic|fn b/,
    ],
    [
      'junit',
      'src/test/java/ATest.java',
      JAVA,
      '[ERROR] /o/ATest.java:[4,9] cannot find symbol',
      'a',
      /void a/,
    ],
    ['jest', 'a.test.ts', SCRIPT, "  a.test.ts:6:19 - error TS2304: Cannot find name 'y'.", 'b', /it\('b'/],
  ];
  for (const [language, path, text, said, broken, gone] of cases) {
    it(`is told from the line and left out, the others stay where they were: ${language}`, () => {
      const errors = compileErrors({ stdout: said, stderr: '' });
      const rest = withoutBrokenTests(text, path, language, errors);
      assert.deepEqual(
        rest.broken.map(({ name }) => name),
        [broken],
      );
      assert.equal(rest.left, 1);
      assert.doesNotMatch(rest.text, gone);
      assert.equal(rest.text.split('\n').length, text.split('\n').length);
    });
  }

  it('is none where the error is elsewhere, or only a warning', () => {
    const said = 'src/lib.rs:2:5: error: no\nsrc/other.rs:8:9: error: no\nsrc/lib.rs:8:9: warning: unused\n';
    const errors = compileErrors({ stdout: '', stderr: said });
    assert.equal(errors.length, 2);
    const rest = withoutBrokenTests(RUST, 'src/lib.rs', 'cargo', errors);
    assert.deepEqual(rest, { text: RUST, broken: [], left: 2 });
  });
});
