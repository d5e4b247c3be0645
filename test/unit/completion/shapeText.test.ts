import assert from 'node:assert/strict';
import { endRuleContext } from '../../../src/completion/endRules/endRule';
import { shapeText } from '../../../src/completion/shapeText';
import { parse } from './cursor';

interface Case {
  readonly name: string;
  readonly at: string;
  readonly written: string;
  readonly unfinished?: boolean;
  /** The text, or why there is none. */
  readonly shown: string | { readonly nothing: 'empty' | 'only-repeats' };
}

const cases: readonly Case[] = [
  { name: 'blanks at the end go', at: 'x = █', written: '1  \n\n  ', shown: '1' },
  { name: 'only blanks', at: 'x = █', written: ' \n\t\n', shown: { nothing: 'empty' } },
  { name: 'nothing at all', at: 'x = █', written: '', shown: { nothing: 'empty' } },
  { name: 'a half line at the end goes', at: 'x = █', written: '1\ny = f(', unfinished: true, shown: '1' },
  { name: 'a half line alone stays', at: 'x = █', written: 'f(a, ', unfinished: true, shown: 'f(a,' },
  {
    name: 'a half line behind a blank one stays',
    at: 'x = 1█',
    written: '\ny = f(',
    unfinished: true,
    shown: '\ny = f(',
  },
  { name: 'half a special token goes', at: 'x = █', written: '1<|fi', unfinished: true, shown: '1' },
  { name: 'the bracket behind the cursor goes', at: 'f(█)', written: 'a)', shown: 'a' },
  { name: 'a bracket of its own stays', at: 'f(█)', written: 'g(a)', shown: 'g(a)' },
  { name: 'the quote and bracket behind the cursor go', at: "f('█')", written: "a')", shown: 'a' },
  { name: 'only what follows', at: 'f(█)', written: ')', shown: { nothing: 'only-repeats' } },
  {
    name: 'the beginning of what follows',
    at: 'x = █value + 1',
    written: 'value',
    shown: { nothing: 'only-repeats' },
  },
];

describe('shapeText', () => {
  for (const { name, at, written, unfinished, shown } of cases) {
    it(name, () => {
      const { text, offset } = parse(at);
      const context = endRuleContext('python', text.slice(0, offset), text.slice(offset));
      const expected =
        typeof shown === 'string'
          ? { kind: 'text', text: shown }
          : { kind: 'nothing', reason: shown.nothing };
      assert.deepEqual(shapeText(written, context, unfinished ?? false), expected);
    });
  }
});
