import assert from 'node:assert/strict';
import { endRuleContext } from '../../../src/completion/endRules/endRule';
import { withoutTypedBlanks } from '../../../src/completion/typedBlanks';
import { setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

const cases: readonly (readonly [name: string, at: string, written: string, left: string])[] = [
  ['nothing was typed', 'x =█', ' 1', ' 1'],
  ['the blank before a word', 'x = █', ' 1', '1'],
  ['the indentation of a line', '    a = 1\n    █', '    b = 2', 'b = 2'],
  ['the indentation of a new block', 'if a:\n    █', '    b = 2\n    c = 3', 'b = 2\n    c = 3'],
  [
    'that of a block in a block',
    'if a:\n    if b:\n        █',
    '        c()\n        d()',
    'c()\n        d()',
  ],
  ['a part of the indentation', 'if a:\n        █', '    b = 2', 'b = 2'],
  ['one blank too many', 'if a:\n    █', ' b = 2', 'b = 2'],
  ['spaces where there is a tab', 'func f() {\n\t█', '    return', 'return'],
  ['the indentation, with more behind it', 'class A:\n    █', '        b', '    b'],
  ['deeper, where the editor has not indented', '    if a:\n    █', '    b = 2', '    b = 2'],
  ['half a token, where the editor has not indented', '    if a:\n    █', '   b = 2', '  b = 2'],
  ['all of it, where the editor has not indented', '    if a:\n    █', '        b = 2', '    b = 2'],
  ['blanks alone', 'if a:\n    █', '    ', ''],
  ['a blank line first', '    a = 1\n    █', '\n    b = 2', '\n    b = 2'],
];

describe('withoutTypedBlanks', () => {
  for (const [name, at, written, left] of cases) {
    it(name, () => {
      const { text, offset } = parse(at);
      const context = endRuleContext('python', text.slice(0, offset), text.slice(offset));
      assert.equal(withoutTypedBlanks(written, context), left);
    });
  }
});

describe('Completer, where the model writes the indentation once more', () => {
  const LINES = ['    ', 'if n < 2:\n', '        return n\n', '    return 1\n'];

  it('shows the whole block, each line where it belongs', async () => {
    const { engine, completer } = setUp();
    const outcome = completer.complete(parse('def f(n):\n    █'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text(...LINES);
    await engine.last.done();
    assert.equal(shown(await outcome), 'if n < 2:\n        return n\n    return 1');
  });

  it('goes on with it while the person types along', async () => {
    const { engine, completer } = setUp();
    void completer.complete(parse('def f(n):\n    █'), 'explicit');
    await settle();
    await engine.last.prefilled();
    await engine.last.text(...LINES.slice(0, 1));
    const second = completer.complete(parse('def f(n):\n    if█'), 'automatic');
    await engine.last.text(...LINES.slice(1));
    await engine.last.done();
    assert.equal(shown(await second), ' n < 2:\n        return n\n    return 1');
    assert.equal(engine.runs.length, 1);
  });
});
