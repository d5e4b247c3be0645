import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fenced, renderContextItem, type ContextItem } from '../../../../src/assist/context/contextItem';
import { leftOutInWords, packContext } from '../../../../src/assist/context/packContext';

const count = (text: string): number => text.length;
const file = (label: string, lines: number): ContextItem => ({
  kind: 'file',
  label,
  path: `src/${label}`,
  firstLine: 1,
  languageId: 'python',
  text: Array.from({ length: lines }, (_, index) => `line ${index}`).join('\n'),
});

describe('renderContextItem', () => {
  it('says what a piece is and where it comes from', () => {
    const selected: ContextItem = { ...file('a.py', 3), kind: 'selection', firstLine: 10 };
    assert.equal(
      renderContextItem(selected),
      'Selected in src/a.py, lines 10 to 12:\n```python\nline 0\nline 1\nline 2\n```',
    );
    assert.match(renderContextItem({ ...selected, text: 'x\n' }), /^Selected in src\/a\.py, line 10:/);
  });

  it('has a fence that nothing inside can end', () => {
    const text = 'text\n```js\ncode\n```\n   `````\n';
    assert.equal(fenced(text), `\`\`\`\`\`\`\n${text.trimEnd()}\n\`\`\`\`\`\``);
  });
});

describe('packContext', () => {
  it('takes everything where it fits, in its order', async () => {
    const packed = await packContext([file('a.py', 3), file('b.py', 3)], 10_000, count);
    assert.deepEqual(
      packed.items.map(({ part }) => part),
      ['whole', 'whole'],
    );
    assert.ok(packed.text.indexOf('src/a.py') < packed.text.indexOf('src/b.py'));
    assert.equal(leftOutInWords(packed), undefined);
  });

  it('takes the beginning of the first that does not fit, leaves out what fits no more, and says so', async () => {
    const packed = await packContext([file('a.py', 100), file('b.py', 100)], 500, count);
    assert.deepEqual(
      packed.items.map(({ part }) => part),
      ['beginning', 'nothing'],
    );
    assert.match(
      leftOutInWords(packed) ?? '',
      /^Only the first \d+ of 100 lines of a\.py fitted; b\.py did not fit\.$/,
    );
    assert.match(packed.text, /^line 0$/m);
    assert.doesNotMatch(packed.text, /^line 99$/m);
  });

  it('never takes more than there is room for, and as much of the cut one as fits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 5 }),
        fc.integer({ max: 3000 }),
        async (sizes, budget) => {
          const items = sizes.map((lines, index) => file(`f${index}.py`, lines));
          const packed = await packContext(items, budget, count);
          const joins = Math.max(0, packed.items.filter(({ part }) => part !== 'nothing').length - 1) * 2;
          assert.ok(packed.text.length - joins <= Math.max(0, budget));
          const cut = packed.items.find(({ part }) => part === 'beginning');
          if (cut === undefined) return;
          const more = cut.item.text.split('\n').slice(0, cut.lines.packed + 1);
          const others =
            packed.tokens -
            count(renderContextItem({ ...cut.item, text: [...more.slice(0, -1), '…'].join('\n') }));
          const longer = count(renderContextItem({ ...cut.item, text: [...more, '…'].join('\n') }));
          const behind = packed.items
            .slice(packed.items.indexOf(cut) + 1)
            .some(({ part }) => part === 'whole');
          assert.ok(behind || cut.lines.packed === cut.lines.all - 1 || others + longer > budget);
        },
      ),
    );
  });
});
