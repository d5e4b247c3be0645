import assert from 'node:assert/strict';
import { words, WorkspaceSearch } from '../../../../src/assist/context/workspaceSearch';

describe('words', () => {
  it('are those of names and of their parts, in lower case', () => {
    assert.deepEqual(words('parseHTTPHeader(max_size2)'), [
      ...['parsehttpheader', 'parse', 'http', 'header'],
      ...['max_size2', 'max', 'size2'],
    ]);
  });
});

describe('WorkspaceSearch', () => {
  const long = (marked: number): string =>
    Array.from({ length: 200 }, (_, line) =>
      line === marked ? 'def quarterly_invoice():' : `value_${line} = ${line}`,
    ).join('\n');
  let search: WorkspaceSearch;
  beforeEach(() => {
    search = new WorkspaceSearch();
    search.set({ path: 'billing/invoice.py', languageId: 'python', text: long(120) });
    search.set({ path: 'web/routes.ts', text: 'export const routes = ["/login", "/logout"];\n' });
  });

  it('finds the piece that fits a question, with its place', () => {
    const [first] = search.find('How does the quarterly invoice work?', 3);
    assert.equal(first?.path, 'billing/invoice.py');
    assert.match(first?.text ?? '', /quarterly_invoice/);
    const line =
      (first?.firstLine ?? 0) +
      (first?.text.split('\n').findIndex((text) => text.includes('quarterly')) ?? 0);
    assert.equal(line, 121);
  });

  it('joins pieces that touch', () => {
    const found = search
      .find('value quarterly invoice', 10)
      .filter(({ path }) => path === 'billing/invoice.py');
    for (const [index, piece] of found.entries()) {
      const end = (piece.firstLine ?? 0) + piece.text.split('\n').length;
      for (const other of found.slice(index + 1)) {
        assert.ok(
          (other.firstLine ?? 0) > end || end > (other.firstLine ?? 0) + other.text.split('\n').length,
        );
      }
    }
  });

  it('follows changes and deletions', () => {
    search.set({ path: 'web/routes.ts', text: 'export const marmalade = 1;\n' });
    assert.equal(search.find('logout', 3).length, 0);
    assert.equal(search.find('marmalade', 3)[0]?.path, 'web/routes.ts');
    search.delete('web/routes.ts');
    assert.equal(search.find('marmalade', 3).length, 0);
    assert.equal(search.files, 1);
  });

  it('finds nothing for words that say nothing', () => {
    assert.deepEqual(search.find('what is the', 3), []);
  });
});
