import assert from 'node:assert/strict';
import { importedFiles } from '../../../../src/completion/context/importedFiles';
import { importsOf } from '../../../../src/completion/context/imports';
import { filesOfModule } from '../../../../src/completion/context/modulePaths';

const FILES = [
  'app/main.py',
  'app/cart.py',
  'lib/cart.py',
  'app/tax/__init__.py',
  'web/src/index.ts',
  'web/src/cart.ts',
  'web/src/tax/index.ts',
  'web/src/react.ts',
  'cart/cart.go',
  'cart/item.go',
  'main.go',
  'src/main.rs',
  'src/cart.rs',
  'src/tax/mod.rs',
  'core/src/com/shop/Cart.java',
  'include/shop/cart.h',
];

describe('filesOfModule', () => {
  const cases: readonly [language: string, from: string, path: string, found: readonly string[]][] = [
    ['python', 'app/main.py', 'cart', ['app/cart.py']],
    ['python', 'lib/x.py', 'cart', ['lib/cart.py']],
    ['python', 'app/main.py', 'project/app/cart', ['app/cart.py']],
    ['python', 'app/main.py', './tax', ['app/tax/__init__.py']],
    ['python', 'app/tax/__init__.py', './../cart', ['app/cart.py']],
    ['python', 'app/main.py', 'os', []],
    ['typescript', 'web/src/index.ts', './cart', ['web/src/cart.ts']],
    ['typescript', 'web/src/index.ts', './tax', ['web/src/tax/index.ts']],
    ['typescript', 'web/src/tax/index.ts', '../cart', ['web/src/cart.ts']],
    ['typescript', 'web/src/index.ts', 'react', []],
    ['typescript', 'web/src/index.ts', '@/cart', ['web/src/cart.ts']],
    ['go', 'main.go', 'example.com/shop/cart', ['cart/cart.go', 'cart/item.go']],
    ['rust', 'src/main.rs', 'cart', ['src/cart.rs']],
    ['rust', 'src/main.rs', 'tax', ['src/tax/mod.rs']],
    ['java', 'core/src/com/shop/Main.java', 'com/shop/Cart', ['core/src/com/shop/Cart.java']],
    ['c', 'src/main.c', 'shop/cart', ['include/shop/cart.h']],
    ['markdown', 'a.md', 'cart', []],
  ];
  for (const [language, from, path, found] of cases) {
    it(`finds ${path} from ${from} (${language})`, () => {
      assert.deepEqual(filesOfModule(FILES, from, path.split('/'), language), found);
    });
  }
});

describe('importedFiles', () => {
  const wanted = (path: string, languageId: string, text: string) =>
    [...importedFiles({ path, text, languageId }, importsOf(text, languageId), FILES)].map(
      ([file, names]) => [file, [...names]],
    );

  it('takes names out of a module, and members that are used of one as a whole', () => {
    assert.deepEqual(
      wanted('app/main.py', 'python', 'from cart import Cart, total\nimport tax\nx = tax.rate(total)\n'),
      [
        ['app/cart.py', ['Cart', 'total']],
        ['app/tax/__init__.py', ['rate']],
      ],
    );
    assert.deepEqual(wanted('main.go', 'go', 'import "example.com/shop/cart"\nvar c = cart.New(1)\n'), [
      ['cart/cart.go', ['New']],
      ['cart/item.go', ['New']],
    ]);
  });

  it('knows that a name may be a module, and that a path may end in a name', () => {
    assert.deepEqual(wanted('app/main.py', 'python', 'from app import cart\ncart.total()\n'), [
      ['app/cart.py', ['total']],
    ]);
    assert.deepEqual(wanted('core/src/com/shop/Main.java', 'java', 'import static com.shop.Cart.total;\n'), [
      ['core/src/com/shop/Cart.java', ['total']],
    ]);
  });

  it('takes what is used of an included file', () => {
    const [[file, names] = []] = wanted(
      'src/main.c',
      'c',
      '#include "shop/cart.h"\nint x = cart_total(cart);\n',
    );
    assert.equal(file, 'include/shop/cart.h');
    assert.ok(names?.includes('cart_total'));
  });
});
