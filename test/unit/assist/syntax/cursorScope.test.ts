import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CursorScopes, type CursorScope } from '../../../../src/assist/syntax/cursorScope';
import { testSyntax } from '../../../support/syntax';

const LONG_LIMIT_MS = 20_000;

describe('CursorScopes', function () {
  this.timeout(60_000);
  let scopes: CursorScopes;

  before(() => (scopes = new CursorScopes(testSyntax())));
  after(() => scopes.dispose());

  /** @param marked text with the cursor as █ */
  const scopeAt = (marked: string, languageId: string, limitMs = LONG_LIMIT_MS, uri = 'file:///a') => {
    const offset = marked.indexOf('█');
    return scopes.scopeAt({ uri, languageId, text: marked.replace('█', ''), offset }, limitMs);
  };

  const cases: readonly (readonly [languageId: string, scope: CursorScope, marked: string])[] = [
    ['python', 'comment', 'x = 1  # count█\ny = 2\n'],
    ['python', 'comment', '# count █'],
    ['python', 'code', 'x = 1█  # count\n'],
    ['python', 'code', '# count\n█y = 2\n'],
    ['python', 'string', 'x = "ab█c"\n'],
    ['python', 'code', 'x = "abc"█\n'],
    ['python', 'code', 'x = █"abc"\n'],
    ['python', 'string', "x = '█'\n"],
    ['python', 'comment', 'def f():\n    """Add █numbers."""\n    return 1\n'],
    ['python', 'code', 'x = f"a {b█} c"\n'],
    ['python', 'string', 'x = f"a {b} █c"\n'],
    ['python', 'string', 'x = """one\n█two"""\n'],
    ['python', 'code', '█'],
    ['typescript', 'comment', '// one█\nlet a: string = "x";\n'],
    ['typescript', 'comment', '/**\n * one█\n */\nfunction f() {}\n'],
    ['typescript', 'code', '/* one */█\nlet a = 1;\n'],
    ['typescript', 'code', 'let a: string█ = "x";\n'],
    ['typescript', 'string', 'let a: string = "x█";\n'],
    ['typescript', 'string', 'let a = `one █ ${two} three`;\n'],
    ['typescript', 'code', 'let a = `one ${two█} three`;\n'],
    ['javascript', 'comment', 'f(); // one █\n'],
    ['go', 'comment', 'package m\n\n// one█\nvar a = 1\n'],
    ['go', 'string', 'package m\n\nvar a = `one█`\n'],
    ['rust', 'comment', '/// one█\nfn f() {}\n'],
    ['rust', 'code', '/// one\n█fn f() {}\n'],
    ['rust', 'string', 'fn f() { let a = "one█"; }\n'],
    ['java', 'comment', '/** one█ */\nclass A {}\n'],
    ['java', 'string', 'class A { String a = "one█"; }\n'],
    ['csharp', 'string', 'class A { string a = $"one█ {b} c"; }\n'],
    ['csharp', 'code', 'class A { string a = $"one {b█} c"; }\n'],
    ['cpp', 'comment', 'int a; // one█\n'],
    ['c', 'string', 'const char *a = "one█";\n'],
    ['php', 'comment', '<?php\n# one█\n$a = 1;\n'],
    ['php', 'string', '<?php\n$a = "one█ $b";\n'],
    ['ruby', 'comment', '# one█\na = 1\n'],
    ['ruby', 'string', 'a = "one█ #{b}"\n'],
    ['ruby', 'code', 'a = "one #{b█}"\n'],
    ['shellscript', 'comment', '# one█\nls\n'],
    ['shellscript', 'string', 'a="one█ $b"\n'],
    ['shellscript', 'code', 'a="one $(ls█ -l)"\n'],
    ['css', 'comment', '/* one█ */ a { color: red; }\n'],
    ['powershell', 'comment', '# one█\n$a = 1\n'],
  ];
  for (const [languageId, scope, marked] of cases) {
    it(`finds ${scope} in ${languageId}: ${JSON.stringify(marked)}`, async () => {
      assert.equal(await scopeAt(marked, languageId), scope);
    });
  }

  it('knows nothing of a language without a grammar', async () => {
    assert.equal(await scopeAt('# one█', 'toml'), undefined);
  });

  it('follows edits as a fresh parse would see them, and a change of language', async () => {
    const lines = ['x = 1', '# one', 's = "two"', 'def f():', '    """three"""', '    return x'];
    for (let step = 0; step < 40; step++) {
      // Primes spread the places; lines go, come and change.
      const at = (step * 7) % lines.length;
      if (step % 3 === 0) lines.splice(at, 1, `# line ${step}`);
      else if (step % 3 === 1) lines.splice(at, 0, `t = "text ${step}"`);
      else lines[at] = `${lines[at] ?? ''}  # end ${step}`;
      const text = `${lines.join('\n')}\n`;
      const offset = (step * 13) % text.length;
      const kept = await scopes.scopeAt(
        { uri: 'file:///kept', languageId: 'python', text, offset },
        LONG_LIMIT_MS,
      );
      const fresh = await scopes.scopeAt(
        { uri: `file:///f${step}`, languageId: 'python', text, offset },
        LONG_LIMIT_MS,
      );
      assert.equal(kept, fresh, text);
    }
    const text = '// one';
    const asCode = await scopes.scopeAt(
      { uri: 'file:///kept', languageId: 'go', text, offset: 6 },
      LONG_LIMIT_MS,
    );
    assert.equal(asCode, 'comment');
  });

  it('does not keep the thread with a long text, gives up waiting in time, and knows it soon after', async () => {
    const piece = readFileSync('src/inference/worker/workerEngine.ts', 'utf8');
    const text = piece.repeat(Math.ceil(800_000 / piece.length));
    const document = { uri: 'file:///long', languageId: 'typescript', text, offset: text.indexOf('/**') + 4 };
    const parsing = { from: performance.now(), over: false };
    // The thread's other work goes on meanwhile: a machine under load changes how long it takes, not how often it comes.
    let turns = 0;
    const turn = (): void => {
      turns++;
      if (!parsing.over) setImmediate(turn);
    };
    setImmediate(turn);
    assert.equal(await scopes.scopeAt(document, 20), undefined);
    assert.equal(await scopes.scopeAt(document, LONG_LIMIT_MS), 'comment');
    parsing.over = true;
    const firstMs = performance.now() - parsing.from;
    assert.ok(turns >= 20, `${turns} turns in ${firstMs} ms`);
    const typed = `${text.slice(0, 400_000)}x${text.slice(400_000)}`;
    const from = performance.now();
    assert.notEqual(await scopes.scopeAt({ ...document, text: typed }, LONG_LIMIT_MS), undefined);
    const nextMs = performance.now() - from;
    assert.ok(nextMs < firstMs / 3, `${nextMs} ms after one key, ${firstMs} ms before`);
  });
});
