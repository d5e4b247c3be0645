import assert from 'node:assert/strict';
import { diagnosticChunk } from '../../../../src/completion/context/diagnosticLines';
import { importsOf, usedMembers } from '../../../../src/completion/context/imports';
import { signatureChunks, signatureOf } from '../../../../src/completion/context/signatures';
import { testSyntax } from '../../../support/syntax';

describe('importsOf', () => {
  const cases: readonly [languageId: string, text: string, found: readonly (readonly [string, string])[]][] =
    [
      [
        'python',
        'from shop.cart import (\n    Cart,\n    total as sum_up,\n)\n',
        [['shop/cart', 'Cart total']],
      ],
      [
        'python',
        'from . import mail\nfrom ..tax import rate\n',
        [
          ['.', 'mail'],
          ['./../tax', 'rate'],
        ],
      ],
      [
        'python',
        'import shop.cart as cart\nimport os\n',
        [
          ['shop/cart', 'cart.*'],
          ['os', 'os.*'],
        ],
      ],
      [
        'typescript',
        "import type { A, B as C } from './a';\nimport d, { e } from '../b.js';\n",
        [
          ['./a', 'A B'],
          ['../b', 'd e'],
        ],
      ],
      [
        'typescript',
        "import {\n  one,\n  two,\n} from 'lib/x';\nimport * as fs from 'node:fs';\n",
        [
          ['lib/x', 'one two'],
          ['node:fs', 'fs.*'],
        ],
      ],
      [
        'javascript',
        "const { a, b: c } = require('./x');\nconst y = require('./y');\n",
        [
          ['./x', 'a b'],
          ['./y', 'y.*'],
        ],
      ],
      [
        'go',
        'import (\n\t"fmt"\n\t"example.com/shop/cart"\n\ttx "example.com/shop/tax"\n)\n',
        [
          ['example.com/shop/cart', 'cart.*'],
          ['example.com/shop/tax', 'tx.*'],
        ],
      ],
      [
        'rust',
        'use crate::cart::{Cart, total};\nuse std::fmt;\nuse crate::tax::rate;\n',
        [
          ['cart', 'Cart total'],
          ['tax', 'rate'],
        ],
      ],
      [
        'java',
        'import com.shop.Cart;\nimport static com.shop.Tax.rate;\n',
        [
          ['com/shop/Cart', 'Cart'],
          ['com/shop/Tax/rate', 'rate'],
        ],
      ],
      ['c', '#include <stdio.h>\n#include "shop/cart.h"\n', [['shop/cart', '']]],
      ['ruby', "require 'json'\nrequire_relative 'shop/cart'\n", [['./shop/cart', '']]],
      ['php', 'use App\\Shop\\Cart;\n', [['App/Shop/Cart', 'Cart']]],
      ['plaintext', 'import x\n', []],
    ];
  for (const [languageId, text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} (${languageId})`, () => {
      const all = importsOf(text, languageId);
      const said = all.map(({ path, names, alias }) => [
        path.join('/'),
        alias === undefined ? names.map(({ name }) => name).join(' ') : `${alias}.*`,
      ]);
      assert.deepEqual(said, expected);
      for (const { names } of all) {
        for (const { name, offset } of names) assert.equal(text.slice(offset, offset + name.length), name);
      }
    });
  }

  it('finds what is used of a module', () => {
    assert.deepEqual(usedMembers('cart.total(x)\nother.cart.no()\ncart.add(cart.total)\nmycart.x', 'cart'), [
      'total',
      'add',
    ]);
  });
});

describe('signatures', () => {
  const signature = async (languageId: string, text: string, name: string): Promise<string | undefined> => {
    const all = (await testSyntax().symbols(text, languageId)) ?? [];
    const [chunk] = signatureChunks(
      { source: 'imports', uri: 'file:///a', path: 'a', text, languageId },
      all,
      new Set([name]),
    );
    return chunk?.text;
  };

  it('of a Python function are its head, over as many lines as it has', async () => {
    const text =
      'import os\n\n\n@cached\ndef send(\n    to: str,\n    *,\n    subject: str = "",\n) -> bool:\n    """Sends."""\n    return True\n';
    assert.equal(
      await signature('python', text, 'send'),
      '@cached\ndef send(\n    to: str,\n    *,\n    subject: str = "",\n) -> bool: ...',
    );
  });

  it('of a Python class are its fields and the heads of its methods', async () => {
    const text =
      'class Cart:\n    currency: str = "EUR"\n\n    def add(self, item, count=1):\n        self.items.append(item)\n\n    def total(self):\n        def price(item):\n            return item.price\n        return sum(map(price, self.items))\n';
    assert.equal(
      await signature('python', text, 'Cart'),
      'class Cart:\n    currency: str = "EUR"\n\n    def add(self, item, count=1): ...\n\n    def total(self): ...',
    );
  });

  it('of TypeScript are declarations', async () => {
    const text =
      'export class Cart {\n  readonly items: Item[] = [];\n  add(item: Item, count = 1): void {\n    this.items.push(item);\n  }\n}\nexport interface Item {\n  price: number;\n}\nexport const total = (items: Item[]): number => {\n  return 0;\n};\n';
    assert.equal(
      await signature('typescript', text, 'Cart'),
      'export class Cart {\n  readonly items: Item[] = [];\n  add(item: Item, count = 1): void;\n}',
    );
    assert.equal(await signature('typescript', text, 'Item'), 'export interface Item {\n  price: number;\n}');
    assert.match(
      (await signature('typescript', text, 'total')) ?? '',
      /^export const total = \(items: Item\[\]\): number => \{\};$/,
    );
  });

  it('of Go and Rust need no semicolon', async () => {
    const go =
      'package cart\n\nfunc Total(items []Item, rate float64) (float64, error) {\n\treturn 0, nil\n}\n';
    assert.equal(
      await signature('go', go, 'Total'),
      'func Total(items []Item, rate float64) (float64, error)',
    );
    const rust = 'pub fn total(items: &[Item], rate: f64) -> f64 {\n    0.0\n}\n';
    assert.equal(await signature('rust', rust, 'total'), 'pub fn total(items: &[Item], rate: f64) -> f64');
  });

  it('are the first lines where nobody knows the body', () => {
    const text = 'sub total {\n  my ($items, $rate) = @_;\n  return 0;\n}\n';
    const declaration = {
      name: 'total',
      kind: 'function',
      startLine: 0,
      endLine: 3,
      start: 0,
      end: text.length,
    } as const;
    assert.equal(signatureOf(text, 'perl', declaration, [declaration]), 'sub total');
  });

  it('leave out what is not wanted, and say where they stand', async () => {
    const text = 'def one():\n    pass\n\n\ndef two():\n    pass\n';
    const all = (await testSyntax().symbols(text, 'python')) ?? [];
    const chunks = signatureChunks(
      { source: 'imports', uri: 'file:///a', path: 'a', text, languageId: 'python' },
      all,
      new Set(['two', 'three']),
    );
    assert.deepEqual(
      chunks.map(({ startLine, lineCount, name }) => [startLine, lineCount, name]),
      [[5, 2, 'two']],
    );
  });
});

describe('diagnosticChunk', () => {
  const place = { uri: 'file:///a.py', path: 'a.py' };

  it('makes comments of the nearest ones, in the order of the lines', () => {
    const all = [1, 10, 14, 15, 18, 90].map((line) => ({ line, message: `Problem\nof ${line}` }));
    const chunk = diagnosticChunk(place, 'python', all, 14);
    assert.equal(chunk?.text, '# Problem of 10\n# Problem of 15\n# Problem of 18');
    assert.equal(diagnosticChunk(place, 'typescript', all, 14)?.text.slice(0, 3), '// ');
  });

  it('has nothing to say about the cursor’s own line or one far away', () => {
    assert.equal(
      diagnosticChunk(
        place,
        'python',
        [
          { line: 14, message: 'x' },
          { line: 90, message: 'y' },
        ],
        14,
      ),
      undefined,
    );
  });
});
