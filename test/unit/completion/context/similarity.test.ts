import assert from 'node:assert/strict';
import { ENTER_SCORE } from '../../../../src/completion/context/chooseChunks';
import type { ContextFile } from '../../../../src/completion/context/contextChunk';
import { declaredNames, identifiers } from '../../../../src/completion/context/identifiers';
import { MAX_PIECE_LINES, piecesOf } from '../../../../src/completion/context/pieces';
import { SimilarPieces } from '../../../../src/completion/context/similarity';
import { sampleFunction } from './helpers';

const file = (path: string, text: string): ContextFile => ({
  source: 'open',
  uri: `file:///${path}`,
  path,
  text,
});

describe('names in code', () => {
  it('are no keywords and no single letters', () => {
    assert.deepEqual(
      [...identifiers('for (const item of cart.items) { total += item.price * i; }')],
      ['item', 'cart', 'items', 'total', 'price'],
    );
  });

  for (const [what, text, names] of [
    ['Python', 'class Cart:\n    def add_item(self, item):\n        pass', ['Cart', 'add_item']],
    [
      'TypeScript',
      'export class Cart {\n  addItem(item: Item): void {\n    if (item) {\n    }\n  }\n}',
      ['Cart', 'addItem'],
    ],
    ['Go', 'func (c *Cart) AddItem(item Item) error {', ['AddItem']],
    ['Rust', 'pub fn add_item(cart: &mut Cart) -> bool {', ['add_item']],
    ['C', 'static int add_item(struct cart *cart, int item) {', ['cart', 'add_item']],
    ['Java', '  public List<Item> itemsOf(Cart cart) throws IOException {', ['itemsOf']],
  ] as const) {
    it(`that are declared are found in ${what}`, () => {
      assert.deepEqual([...declaredNames(text)].sort(), [...names].sort());
    });
  }
});

describe('pieces of files', () => {
  const functions = Array.from({ length: 12 }, (_, at) => sampleFunction(`part${at}`, ['alpha', 'beta'], 6));
  const text = functions.join('\n\n');

  it('cover the file, none of it twice, none too long', () => {
    const pieces = piecesOf(text);
    const lines = text.split('\n');
    let last = 0;
    for (const { startLine, text: own } of pieces) {
      assert.ok(startLine > last);
      const count = own.split('\n').length;
      assert.ok(count <= MAX_PIECE_LINES);
      assert.equal(lines.slice(startLine - 1, startLine - 1 + count).join('\n'), own);
      assert.ok(lines.slice(last, startLine - 1).every((line) => line === ''));
      last = startLine - 1 + count;
    }
    assert.equal(last, lines.length);
  });

  it('begin where a declaration begins', () => {
    for (const piece of piecesOf(text)) assert.match(piece.text, /^def /);
  });

  it('leave out what is no code', () => {
    assert.deepEqual(piecesOf('\n\n  \n'), []);
    assert.deepEqual(piecesOf(`x = "${'a'.repeat(2000)}"`), []);
  });
});

describe('SimilarPieces', () => {
  const invoices = sampleFunction('invoice', ['customer', 'amount', 'currency', 'due_date']);
  const parser = sampleFunction('parser', ['token', 'grammar', 'lexeme', 'syntax']);
  const files = [file('parser.py', parser), file('invoices.py', invoices)];

  it('puts what shares rare names first, and keeps the rest below the threshold', () => {
    const before =
      'def reminder(invoice):\n    customer_invoice = compute_amount(invoice_input)\n    amount_invoice = ';
    const [first, second] = new SimilarPieces().find(files, { before, after: '' }, 0);
    assert.equal(first?.chunk.path, 'invoices.py');
    assert.ok(first.score > ENTER_SCORE, `${first.score}`);
    assert.ok((second?.score ?? 0) < ENTER_SCORE / 2, `${second?.score}`);
  });

  it('finds what declares a name that is used at the cursor, however different the rest', () => {
    const before = 'import parser\n\ntree = parser(';
    const [first] = new SimilarPieces().find(files, { before, after: '' }, ENTER_SCORE);
    assert.equal(first?.chunk.path, 'parser.py');
    assert.equal(first.chunk.startLine, 1);
  });

  it('names nothing where nothing is alike', () => {
    const before = 'width = screen_width()\nheight = screen_height()\n';
    assert.deepEqual(new SimilarPieces().find(files, { before, after: '' }, ENTER_SCORE), []);
  });

  it('reads a file anew when its text has changed', () => {
    const similar = new SimilarPieces();
    const around = { before: 'tree = parser(', after: '' };
    assert.equal(similar.find(files, around, ENTER_SCORE).length, 1);
    const changed = [file('parser.py', parser.replaceAll('parser', 'reader'))];
    assert.equal(similar.find(changed, around, ENTER_SCORE).length, 0);
  });
});
