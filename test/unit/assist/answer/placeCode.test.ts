import assert from 'node:assert/strict';
import { placeCode } from '../../../../src/assist/answer/placeCode';

const SPACES = { insertSpaces: true, tabSize: 4 };
const PYTHON = `import math


class Circle:
    def area(self):
        return 3 * self.r ** 2

    def name(self):
        return "circle"


def add(a, b):
    return a
`;
const TYPESCRIPT = `export function add(
  a: number,
  b: number,
): number {
  return a;
}

export const twice = (a: number): number => {
  return a;
};
`;
const cursor = (line: number) => ({ from: line, to: line });

describe('placeCode', () => {
  it('replaces what is selected, indented as that is', () => {
    const { text, how } = placeCode(PYTHON, 'return math.pi * self.r ** 2\n', { from: 5, to: 6 }, SPACES);
    assert.equal(how, 'selection');
    assert.equal(
      text,
      PYTHON.replace('        return 3 * self.r ** 2', '        return math.pi * self.r ** 2'),
    );
  });

  it('replaces the block that the code is a new version of, whatever the cursor', () => {
    const { text, how } = placeCode(
      PYTHON,
      'def area(self, scale=1):\n    s = scale\n    return s\n',
      cursor(0),
      SPACES,
    );
    assert.equal(how, 'replaced');
    assert.equal(
      text,
      PYTHON.replace(
        '    def area(self):\n        return 3 * self.r ** 2\n',
        '    def area(self, scale=1):\n        s = scale\n        return s\n',
      ),
    );
  });

  it('finds the end of a block with brackets, also behind a long signature', () => {
    const code = 'export function add(a: number, b: number): number {\n  return a + b;\n}';
    const { text } = placeCode(TYPESCRIPT, code, cursor(0), { insertSpaces: true, tabSize: 2 });
    assert.equal(text, `${code}\n\n${TYPESCRIPT.slice(TYPESCRIPT.indexOf('export const'))}`);
    const arrow = placeCode(
      TYPESCRIPT,
      'export const twice = (a: number): number => 2 * a;',
      cursor(0),
      SPACES,
    );
    assert.ok(arrow.text.endsWith('}\n\nexport const twice = (a: number): number => 2 * a;\n'), arrow.text);
  });

  it('inserts at the cursor what is new, and what could be meant for several places', () => {
    const fresh = placeCode(PYTHON, 'def sub(a, b):\n    return a - b\n', cursor(9), SPACES);
    assert.equal(fresh.how, 'inserted');
    assert.equal(fresh.text.split('\n').length, PYTHON.split('\n').length + 2);
    const twice = 'def f(x):\n    pass\n\n\nclass A:\n    def f(x):\n        pass\n';
    assert.equal(placeCode(twice, 'def f(x):\n    return 1', cursor(3), SPACES).how, 'inserted');
  });
});
