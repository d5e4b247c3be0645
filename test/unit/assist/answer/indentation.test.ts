import assert from 'node:assert/strict';
import { fitIndentation } from '../../../../src/assist/answer/indentation';

const FOUR = { insertSpaces: true, tabSize: 4 };
const TWO = { insertSpaces: true, tabSize: 2 };
const TABS = { insertSpaces: false, tabSize: 4 };

describe('fitIndentation', () => {
  it('indents code that came without', () => {
    assert.equal(
      fitIndentation('def f(self):\n    return 1\n\nx = 2', '    ', FOUR),
      '    def f(self):\n        return 1\n\n    x = 2',
    );
  });

  it('takes indentation away that was added', () => {
    assert.equal(fitIndentation('        a\n            b', '    ', FOUR), '    a\n        b');
  });

  it('leaves code alone that is where it belongs', () => {
    const code = '    def f(self):\n        return 1';
    assert.equal(fitIndentation(code, '    ', FOUR), code);
  });

  it('puts a first line back that lost its indentation, in Python', () => {
    assert.equal(
      fitIndentation('def f(self):\n        return 1', '    ', FOUR),
      '    def f(self):\n        return 1',
    );
  });

  it('puts a first line back that lost its indentation, with braces', () => {
    assert.equal(fitIndentation('f() {\n    return 1;\n  }', '  ', TWO), '  f() {\n    return 1;\n  }');
    assert.equal(fitIndentation('f() {\n  return 1;\n}', '  ', TWO), '  f() {\n    return 1;\n  }');
  });

  it('uses tabs where the document does, and spaces where it does', () => {
    assert.equal(fitIndentation('if x {\n    y\n        z\n}', '\t', TABS), '\tif x {\n\t\ty\n\t\t\tz\n\t}');
    assert.equal(fitIndentation('if x {\n\ty\n}', '  ', TWO), '  if x {\n    y\n  }');
  });
});
