import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placeOf } from '../../../src/completion/place';
import { SuggestionCache } from '../../../src/completion/suggestionCache';
import { parse } from './cursor';
import { FakeClock } from './fakeClock';

function remembered(at: string, text: string, entries = 10): SuggestionCache {
  const cache = new SuggestionCache(entries, new FakeClock());
  cache.remember(placeOf(parse(at)), { kind: 'text', text, endedBy: 'stop-token', marks: [] });
  return cache;
}

const hit = (text: string, source: 'cache' | 'typed-along', replaced = 0): object => ({
  kind: 'text',
  text,
  source,
  replaced,
  endedBy: 'stop-token',
  // Nothing is known of tokens.
  probabilities: text.match(/\S.*/g)?.map(() => 1),
});

describe('SuggestionCache', () => {
  const cases: readonly { name: string; at: string; text: string; now: string; found: object | undefined }[] =
    [
      {
        name: 'the same place',
        at: 'x = █\ny',
        text: 'foo()',
        now: 'x = █\ny',
        found: hit('foo()', 'cache'),
      },
      {
        name: 'typed along',
        at: 'x = █\ny',
        text: 'foo()',
        now: 'x = fo█\ny',
        found: hit('o()', 'typed-along'),
      },
      {
        name: 'typed along over a line',
        at: 'if a:█\n',
        text: '\n    b()\n    c()',
        now: 'if a:\n    b█\n',
        found: hit('()\n    c()', 'typed-along'),
      },
      { name: 'gone another way', at: 'x = █\ny', text: 'foo()', now: 'x = fa█\ny', found: undefined },
      { name: 'all of it typed', at: 'x = █\ny', text: 'foo()', now: 'x = foo()█\ny', found: undefined },
      {
        name: 'other text behind the cursor',
        at: 'x = █\ny',
        text: 'foo()',
        now: 'x = fo█\nz',
        found: undefined,
      },
      { name: 'other text before', at: 'x = █\ny', text: 'foo()', now: 'w = fo█\ny', found: undefined },
      { name: 'back before the place', at: 'x = f█\ny', text: 'oo()', now: 'x = █\ny', found: undefined },
      {
        name: 'a bracket that the editor closed',
        at: 'x = f█\n',
        text: '(a, b) + 1',
        now: 'x = f(█)\n',
        found: hit('a, b) + 1', 'typed-along', 1),
      },
      {
        name: 'typing on inside it',
        at: 'x = f█\n',
        text: '(a, b) + 1',
        now: 'x = f(a█)\n',
        found: hit(', b) + 1', 'typed-along', 1),
      },
      {
        name: 'a quote and a bracket that the suggestion holds apart',
        at: 'x = f█\n',
        text: '("a", b)',
        now: 'x = f("█")\n',
        found: undefined,
      },
      {
        name: 'a bracket that closes on a later line',
        at: 'x = f█\n',
        text: '(\n    a,\n)',
        now: 'x = f(█)\n',
        found: hit('\n    a,\n', 'typed-along'),
      },
      {
        name: 'a bracket that nobody opened',
        at: 'x = f█\n',
        text: 'oo(a)',
        now: 'x = fo█)\n',
        found: undefined,
      },
    ];
  for (const { name, at, text, now, found } of cases) {
    it(`${found === undefined ? 'misses' : 'finds'}: ${name}`, () => {
      assert.deepEqual(remembered(at, text).find(parse(now)), found);
    });
  }

  it('finds the place again after Backspace', () => {
    const cache = remembered('x = █\n', 'foo()');
    assert.deepEqual(cache.find(parse('x = f█\n')), hit('oo()', 'typed-along'));
    assert.deepEqual(cache.find(parse('x = █\n')), hit('foo()', 'cache'));
  });

  it('finds the place again where lines were added far above', () => {
    const far = 'a\n'.repeat(1000);
    const cache = remembered(`${far}x = █\n`, 'foo()');
    assert.deepEqual(cache.find(parse(`import b\n${far}x = █\n`)), hit('foo()', 'cache'));
  });

  it('keeps documents apart', () => {
    assert.equal(remembered('x = █', 'foo()').find(parse('x = █', { uri: 'file:///b.py' })), undefined);
  });

  it('is quiet for a short time where there was nothing to say', async () => {
    const clock = new FakeClock();
    const cache = new SuggestionCache(10, clock);
    cache.remember(placeOf(parse('x█')), { kind: 'nothing', reason: 'empty' });
    assert.deepEqual(cache.find(parse('x█')), { kind: 'nothing', reason: 'empty' });
    await clock.pass(10_001);
    assert.equal(cache.find(parse('x█')), undefined);
  });

  it('forgets the oldest, and remembers nothing at size 0', () => {
    const cache = remembered('a█', 'b', 1);
    cache.remember(placeOf(parse('c█')), { kind: 'text', text: 'd', endedBy: 'stop-token', marks: [] });
    assert.equal(cache.find(parse('a█')), undefined);
    assert.equal(remembered('a█', 'b', 0).find(parse('a█')), undefined);
  });

  it('typed along is the suggestion less what was typed', () => {
    const suggestion = fc.string({ minLength: 2 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(suggestion, fc.nat(), (text, cut) => {
        const typed = text.slice(0, 1 + (cut % (text.length - 1)));
        const cache = remembered('a = 1\n█\nb = 2', text);
        const found = cache.find(parse('a = 1\n█\nb = 2'.replace('█', () => `${typed}█`)));
        assert.deepEqual(found, hit(text.slice(typed.length), 'typed-along'));
      }),
    );
  });
});
