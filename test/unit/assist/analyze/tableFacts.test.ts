import assert from 'node:assert/strict';
import { readTable } from '../../../../src/assist/analyze/table';
import { columnFacts, tableItem } from '../../../../src/assist/analyze/tableFacts';
import type { ContextItem } from '../../../../src/assist/context/contextItem';

const CSV = `name,age,joined,member,note
Ann,31,2020-01-05,true,"likes, commas"
Bob,,2019-07-01,false,
Cy,27.5,2021-12-31,true,"two
lines"
Di,n/a,2018-03-02,yes,
`;

describe('readTable', () => {
  it('reads CSV with quotes, TSV, and JSON in its usual shapes', () => {
    assert.deepEqual(readTable(CSV, 'a.csv')?.rows[0], ['Ann', '31', '2020-01-05', 'true', 'likes, commas']);
    assert.deepEqual(readTable('a\tb,c\n1\t2,3\n', 'a.tsv')?.rows, [['1', '2,3']]);
    assert.deepEqual(readTable('[{"a":1,"b":{"c":2}},{"b":null,"d":true}]', 'a.json'), {
      columns: ['a', 'b', 'd'],
      rows: [
        ['1', '{"c":2}', ''],
        ['', '', 'true'],
      ],
      problems: [],
    });
    assert.equal(readTable('{"meta":[{"x":1}],"items":[{"a":1},{"a":2}]}', 'a.json')?.rows.length, 2);
  });

  it('says what is wrong with a table', () => {
    assert.match(
      readTable('a,b\n1\n2,3\n', 'a.csv')?.problems.join() ?? '',
      /1 rows have another number of cells/,
    );
  });

  for (const [what, text, path] of [
    ['prose', 'Just some words.\nAnd more.\n', undefined],
    ['broken JSON', '{"a": ', 'a.json'],
    ['a list of numbers', '[1, 2, 3]', 'a.json'],
    ['a program', 'x = 1\n', 'a.py'],
  ] as const) {
    it(`takes ${what} for no table`, () => assert.equal(readTable(text, path), undefined));
  }
});

describe('columnFacts', () => {
  const facts = columnFacts(readTable(CSV, 'a.csv') ?? assert.fail());
  const of = (name: string) => facts.find((one) => one.name === name);

  it('has types, missing values, ranges, means and frequent values', () => {
    assert.deepEqual(of('age'), {
      name: 'age',
      type: 'number',
      missing: 2,
      distinct: 2,
      range: { from: '27.5', to: '31' },
      mean: 29.25,
    });
    assert.deepEqual(of('joined')?.range, { from: '2018-03-02', to: '2021-12-31' });
    assert.deepEqual(of('member')?.frequent?.[0], { value: 'true', count: 2 });
    assert.equal(of('name')?.type, 'text');
    assert.equal(of('note')?.missing, 2);
  });

  it('names the few cells that do not fit', () => {
    const rows = Array.from({ length: 100 }, (_, row) => [row === 7 ? 'seven' : String(row)]);
    const [only] = columnFacts({ columns: ['n'], rows });
    assert.equal(only?.type, 'integer');
    assert.deepEqual(only?.odd, ['seven']);
  });
});

describe('tableItem', () => {
  const item: ContextItem = { kind: 'file', label: 'a.csv', path: 'a.csv', firstLine: 1, text: CSV };

  it('is facts and first rows in place of the whole text', () => {
    const text = tableItem(item)?.text ?? '';
    assert.match(text, /^4 rows, 5 columns\./);
    assert.match(text, /Column age: number; 2 missing; 2 distinct; from 27\.5 to 31; mean 29\.25\./);
    assert.match(text, /Ann \| 31 \| 2020-01-05/);
  });

  it('stays small, however large the table', () => {
    const wide = `${'column,'.repeat(300)}\n${`${'1234567890,'.repeat(300)}\n`.repeat(500)}`;
    assert.ok((tableItem({ ...item, text: wide })?.text.length ?? Infinity) < 30_000);
  });
});
