import assert from 'node:assert/strict';
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
