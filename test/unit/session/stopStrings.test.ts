import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StopStrings } from '../../../src/inference/session/stopStrings';

/** Feeds pieces; gives what came out at each and in the end. */
function run(stops: string[], pieces: string[]): { out: string[]; text: string; stopped: boolean } {
  const matcher = new StopStrings(stops);
  const out: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = matcher.push(piece);
    out.push(text);
    if (stopped) return { out, text: out.join(''), stopped };
  }
  out.push(matcher.flush());
  return { out, text: out.join(''), stopped: false };
}

describe('StopStrings', () => {
  it('holds back what could begin a stop string, and no more', () => {
    assert.deepEqual(run(['END'], ['aE', 'Nb', 'c']).out, ['a', 'ENb', 'c', '']);
  });

  it('finds a stop string across pieces and drops it with what follows', () => {
    assert.deepEqual(run(['\n\n'], ['x\n', '\ny']), { out: ['x', ''], text: 'x', stopped: true });
  });

  it('ends at the leftmost of those that are complete at once', () => {
    assert.equal(run(['bc', 'c', 'abcd'], ['xab', 'cd']).text, 'x');
    assert.equal(run(['bc', 'c', 'abcd'], ['xab', 'c', 'd']).text, 'xa');
  });

  it('ignores empty stop strings', () => {
    assert.equal(run([''], ['abc']).text, 'abc');
  });

  it('equals a search in the whole text, however it is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        const whole = pieces.join('');
        // The stream ends at the first stop that is complete; among those complete at once, at the leftmost.
        const ends = stops.map((s) => whole.indexOf(s)).filter((index) => index >= 0);
        const result = run(stops, pieces);
        assert.equal(result.stopped, ends.length > 0);
        if (ends.length === 0) assert.equal(result.text, whole);
        else assert.ok(whole.startsWith(result.text) && result.text.length >= Math.min(...ends));
        for (const s of stops) assert.ok(!result.text.includes(s));
      }),
    );
  });
});
