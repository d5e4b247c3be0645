import assert from 'node:assert/strict';
import fc from 'fast-check';
import { extendSelectedItem, type Replacement } from '../../../src/extension/selectedItem';

/** `[` and `]` mark the range that is replaced, `█` is where the cursor would be and is only for reading. */
function marked(text: string): { document: string; start: number; end: number } {
  const plain = text.replace('█', '');
  const start = plain.indexOf('[');
  const end = plain.indexOf(']') - 1;
  return { document: plain.replace('[', '').replace(']', ''), start, end };
}

const apply = (document: string, { start, end, text }: Replacement): string =>
  document.slice(0, start) + text + document.slice(end);

describe('extendSelectedItem', () => {
  const cases: { name: string; list: string; item: string; ghost: string; text: string; result?: string }[] =
    [
      {
        name: 'extends an entry that replaces what was typed of it',
        list: 'x = list.[ap█]',
        item: 'append',
        ghost: 'x = list.ap[█]',
        text: 'pend(value)',
        result: 'append(value)',
      },
      {
        name: 'extends an entry that begins with the dot',
        list: 'console[.█]',
        item: '.log',
        ghost: 'console.[█]',
        text: 'log("a")',
        result: '.log("a")',
      },
      {
        name: 'is silent when the entry says something else',
        list: 'x = list.[ap█]',
        item: 'apply',
        ghost: 'x = list.ap[█]',
        text: 'pend(value)',
      },
      {
        name: 'is silent when the suggestion ends before the entry does',
        list: 'x.[ap█]',
        item: 'append',
        ghost: 'x.ap[█]',
        text: 'pe',
      },
      {
        name: 'is silent when it would add nothing to the entry',
        list: 'x.[ap█]',
        item: 'append',
        ghost: 'x.ap[█]',
        text: 'pend',
      },
      {
        name: 'is silent when the entry changes the case of what was typed',
        list: 'x.[Ap█]',
        item: 'append',
        ghost: 'x.Ap[█]',
        text: 'pend(1)',
      },
      {
        name: 'keeps replacing what the suggestion replaces behind the cursor',
        list: 'f(x.[ap█])',
        item: 'append',
        ghost: 'f(x.ap[█)]',
        text: 'pend(1))',
        result: 'append(1))',
      },
      {
        name: 'drops what the suggestion repeats before the entry',
        list: 'x.[ap█]',
        item: 'append',
        ghost: '[x.ap█]',
        text: 'x.append(1)',
        result: 'append(1)',
      },
      {
        name: 'is silent when the suggestion changes the text before the entry',
        list: 'x.[ap█]',
        item: 'append',
        ghost: '[x.ap█]',
        text: 'y.append(1)',
      },
    ];
  for (const { name, list, item, ghost, text, result } of cases) {
    it(name, () => {
      const { document, ...selectedRange } = marked(list);
      const { document: same, ...ghostRange } = marked(ghost);
      assert.equal(same, document);
      const selected = { ...selectedRange, text: item };
      const extended = extendSelectedItem(document, { ...ghostRange, text }, selected);
      assert.equal(extended?.text, result);
      if (extended !== undefined) assert.equal(extended.start, selected.start);
    });
  }

  it('never changes what the suggestion would write, and always extends the entry', () => {
    const small = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 5 });
    const edit = fc.record({ a: fc.nat(5), b: fc.nat(5), text: small });
    fc.assert(
      fc.property(small, edit, edit, (document, first, second) => {
        const [suggestion, selected] = [first, second].map(({ a, b, text }): Replacement => {
          const [x, y] = [Math.min(a, document.length), Math.min(b, document.length)];
          return { start: Math.min(x, y), end: Math.max(x, y), text };
        }) as [Replacement, Replacement];
        const extended = extendSelectedItem(document, suggestion, selected);
        if (extended === undefined) return;
        assert.equal(apply(document, extended), apply(document, suggestion));
        assert.equal(extended.start, selected.start);
        assert.ok(extended.end >= selected.end);
        assert.ok(extended.text.startsWith(selected.text) && extended.text !== selected.text);
      }),
      { numRuns: 2000 },
    );
  });
});
