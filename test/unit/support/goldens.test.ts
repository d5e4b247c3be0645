import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  compareGreedy,
  GOLDEN_NAMES,
  klFromTop,
  loadGoldens,
  logSumExp,
  type GoldenFile,
  type GoldenGreedy,
  type GoldenPosition,
} from '../../support/goldens';

/** A position as the script would write it, without rounding: the `top` best of a row. */
function positionOf(logits: Float32Array, top: number): GoldenPosition {
  const ids = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  const listed = ids.slice(0, top);
  return {
    at: 0,
    lse: logSumExp(logits),
    rest: logSumExp(ids.slice(top).map((id) => logits[id] ?? NaN)),
    ids: listed,
    logits: listed.map((id) => logits[id] ?? NaN),
  };
}

function closeTo(actual: number, expected: number, tolerance: number, message?: string): void {
  const off = Math.abs(actual - expected);
  assert.ok(off <= tolerance, `${message ?? 'value'}: ${actual} is ${off} away from ${expected}`);
}

describe('loadGoldens', () => {
  for (const name of GOLDEN_NAMES) {
    describe(name, () => {
      let stats: GoldenFile['stats'];
      let prompts: GoldenFile['prompts'];

      before(() => {
        ({ stats, prompts } = loadGoldens(name));
      });

      it('describes itself', () => {
        assert.equal(stats.model, name);
        assert.match(stats.sha256, /^[0-9a-f]{64}$/);
        const positions = prompts.reduce((sum, prompt) => sum + prompt.positions.length, 0);
        assert.equal(stats.positions, positions);
        assert.equal(new Set(prompts.map((prompt) => prompt.name)).size, prompts.length);
      });

      it('holds probabilities: 20 distinct tokens, best first, that add up with the rest', () => {
        for (const { name: prompt, positions } of prompts) {
          for (const position of positions) {
            const where = `${prompt} at ${position.at}`;
            assert.equal(new Set(position.ids).size, 20, where);
            assert.equal(position.logits.length, 20, where);
            assert.ok(
              position.ids.every((id) => id >= 0 && id < stats.vocabulary),
              where,
            );
            assert.deepEqual(
              position.logits,
              [...position.logits].sort((a, b) => b - a),
              where,
            );
            closeTo(logSumExp([...position.logits, position.rest]), position.lse, 2e-4, where);
          }
        }
      });

      it('covers the prompt up to its last token', () => {
        for (const { name: prompt, ids, positions } of prompts) {
          assert.equal(positions.at(-1)?.at, ids.length - 1, prompt);
          assert.ok(
            positions.every(({ at }, index) => at > (positions[index - 1]?.at ?? -1)),
            prompt,
          );
        }
      });

      it('continues each prompt with the best token of its last position', () => {
        for (const { name: prompt, positions, greedy } of prompts) {
          const last = positions.at(-1);
          assert.ok(last, prompt);
          const generated = greedy.end === null ? greedy.ids : [...greedy.ids, greedy.end];
          assert.equal(generated[0], last.ids[0], prompt);
          closeTo(greedy.margins[0] ?? NaN, (last.logits[0] ?? 0) - (last.logits[1] ?? 0), 2e-4, prompt);
          for (const [index, [token, distance]] of (greedy.near[0] ?? []).entries()) {
            assert.equal(token, last.ids[index + 1], prompt);
            closeTo(distance, (last.logits[0] ?? 0) - (last.logits[index + 1] ?? 0), 2e-4, prompt);
          }
          assert.equal(greedy.margins.length, generated.length, prompt);
          assert.equal(greedy.near.length, generated.length, prompt);
          for (const [step, near] of greedy.near.entries()) {
            const margin = greedy.margins[step] ?? NaN;
            assert.equal(near[0]?.[1] ?? margin, margin, prompt);
            assert.equal(near.length > 0, margin < 1, prompt);
          }
          assert.ok(greedy.end !== null || greedy.ids.length === 48, prompt);
        }
      });
    });
  }

  for (const name of ['tiny-tied', 'tiny-untied'] as const) {
    it(`${name} was made from the model file that lies beside it`, () => {
      const model = readFileSync(`test/fixtures/tiny/${name}.gguf`);
      assert.equal(createHash('sha256').update(model).digest('hex'), loadGoldens(name).stats.sha256);
    });
  }
});

describe('the held code', () => {
  let prompts: GoldenFile['prompts'];

  before(() => {
    ({ prompts } = loadGoldens('coder-0.5b-held'));
  });

  it('has a text to read and a gap to fill in each of five languages', () => {
    const languages = ['python', 'typescript', 'go', 'rust', 'java'];
    assert.deepEqual(
      prompts.map(({ name }) => name),
      languages.flatMap((language) => [language, `fim-${language}`]),
    );
    for (const { name, parts } of prompts) {
      const kinds = parts?.map((part) => ('special' in part ? part.special : 'text')).join(' ');
      const gap = 'fim_prefix text fim_suffix text fim_middle text';
      assert.equal(kinds, name.startsWith('fim-') ? gap : 'text', name);
    }
  });

  it('leaves out what follows the first four tokens, and keeps at least half of the rest', () => {
    for (const { name, ids, positions } of prompts) {
      assert.ok((positions[0]?.at ?? 0) >= 4, name);
      assert.ok(positions.length >= (ids.length - 4) / 2, name);
    }
  });
});

describe('klFromTop', () => {
  it('is the divergence of the merged distributions', () => {
    // p = (1/2, 1/4, rest 1/4), q = (1/4, 1/2, rest 1/4): 1/2 ln 2 - 1/4 ln 2.
    const reference = positionOf(Float32Array.from([4, 2, 1, 1].map(Math.log)), 2);
    const ours = Float32Array.from([2, 4, 1.5, 0.5].map(Math.log));
    closeTo(klFromTop(reference, ours), 0.25 * Math.LN2, 1e-7);
  });

  it('counts what moves between the listed tokens and the rest', () => {
    // p = (3/4, rest 1/4), q = (1/2, rest 1/2).
    const reference = positionOf(Float32Array.from([6, 1, 1].map(Math.log)), 1);
    const ours = Float32Array.from([2, 1, 1].map(Math.log));
    closeTo(klFromTop(reference, ours), 0.75 * Math.log(1.5) - 0.25 * Math.LN2, 1e-7);
  });

  it('goes by ids, not by our order', () => {
    const row = Float32Array.from([0, 5, 1, 3]);
    const reversed = row.slice().reverse();
    assert.equal(klFromTop(positionOf(row, 2), row), 0);
    assert.ok(klFromTop(positionOf(row, 2), reversed) > 1);
  });

  it('does not overflow, and takes a sure reference with an empty rest', () => {
    const sure = positionOf(Float32Array.from([3000, -3000, -3000]), 1);
    assert.equal(klFromTop(sure, Float32Array.from([9000, 10, 10])), 0);
    closeTo(klFromTop(sure, Float32Array.from([1000, 1000, -1000])), Math.LN2, 1e-12);
    const everything = positionOf(Float32Array.from([2, 1]), 2);
    assert.equal(everything.rest, -Infinity);
    assert.equal(klFromTop(everything, Float32Array.from([2, 1])), 0);
  });

  it('accepts no row that is not finite', () => {
    const reference = positionOf(Float32Array.from([2, 1, 0]), 2);
    for (const bad of [NaN, Infinity]) {
      for (const id of [0, 2]) {
        const row = Float32Array.from([2, 1, 0]);
        row[id] = bad;
        assert.ok(!(klFromTop(reference, row) <= 1), `${bad} at ${id}`);
      }
    }
    assert.equal(klFromTop(reference, Float32Array.from([-Infinity, 1, 0])), Infinity);
  });

  it('refuses a row that is too short', () => {
    const reference = positionOf(Float32Array.from([0, 1, 2]), 1);
    assert.throws(() => klFromTop(reference, new Float32Array(2)), RangeError);
  });

  const rows = fc
    .integer({ min: 3, max: 40 })
    .chain((length) =>
      fc.tuple(
        ...[0, 1].map(() =>
          fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: length, maxLength: length }),
        ),
      ),
    )
    .map((pair) => pair.map((row) => Float32Array.from(row)));

  it('is zero for the same row, also shifted, and never more than the full divergence', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: -64, max: 64 }),
        (pair, top, shift) => {
          const [p, q] = pair;
          assert.ok(p && q);
          const reference = positionOf(p, top);
          closeTo(klFromTop(reference, p), 0, 1e-12);
          const moved = q.map((logit) => logit + shift);
          const merged = klFromTop(reference, q);
          // Adding the shift rounds to float32, hence the tolerance.
          closeTo(klFromTop(reference, moved), merged, 1e-3);
          const full = klFromTop(positionOf(p, p.length), q);
          assert.ok(merged <= full + 1e-9, `${merged} > ${full}`);
        },
      ),
    );
  });

  it('is below one millionth between a stored position and the numbers it was rounded from', () => {
    const exact = Float32Array.from({ length: 352 }, (_, id) => 12 * Math.sin(id * id + 1));
    const reference = positionOf(exact, 20);
    const six = (value: number): number => Number(value.toPrecision(6));
    const stored = { ...reference, rest: six(reference.rest), logits: reference.logits.map(six) };
    assert.notDeepEqual(stored, reference);
    assert.ok(klFromTop(stored, exact) < 1e-6);
  });
});

describe('compareGreedy', () => {
  const reference: GoldenGreedy = {
    ids: [10, 11, 12],
    end: 99,
    margins: [2, 0.03, 1.5, 0.5],
    near: [
      [],
      [
        [21, 0.03],
        [31, 0.04],
        [41, 0.5],
      ],
      [],
      [[23, 0.5]],
    ],
    text: null,
  };

  it('finds the same tokens the same, the end included', () => {
    assert.deepEqual(compareGreedy(reference, [10, 11, 12, 99], 0.05), { kind: 'same', compared: 4 });
  });

  it('looks no further than the reference goes', () => {
    const cut: GoldenGreedy = { ...reference, end: null };
    assert.deepEqual(compareGreedy(cut, [10, 11, 12, 13, 14], 0.05), { kind: 'same', compared: 3 });
  });

  it('permits a token that is closer behind the best than the bound, and stops there', () => {
    assert.deepEqual(compareGreedy(reference, [10, 21, 7, 7], 0.05), { kind: 'tie', at: 1, distance: 0.03 });
    assert.deepEqual(compareGreedy(reference, [10, 31], 0.05), { kind: 'tie', at: 1, distance: 0.04 });
    assert.deepEqual(compareGreedy(reference, [10, 11, 12, 23], 1), { kind: 'tie', at: 3, distance: 0.5 });
  });

  it('permits no token at the bound or beyond, however small the margin', () => {
    const different = { kind: 'different', at: 1, margin: 0.03, expected: 11 };
    assert.deepEqual(compareGreedy(reference, [10, 21], 0.03), { ...different, actual: 21 });
    assert.deepEqual(compareGreedy(reference, [10, 41], 0.05), { ...different, actual: 41 });
    assert.deepEqual(compareGreedy(reference, [10, 20], 0.05), { ...different, actual: 20 });
  });

  it('reports a continuation that ends too early, or misses the end', () => {
    const early = { kind: 'different', at: 2, margin: 1.5, expected: 12, actual: undefined };
    assert.deepEqual(compareGreedy(reference, [10, 11], 0.05), early);
    const missed = { kind: 'different', at: 3, margin: 0.5, expected: 99, actual: 13 };
    assert.deepEqual(compareGreedy(reference, [10, 11, 12, 13], 0.05), missed);
  });

  it('refuses a bound beyond the recorded distances', () => {
    assert.throws(() => compareGreedy(reference, [10], 1.5), RangeError);
    assert.throws(() => compareGreedy(reference, [10], NaN), RangeError);
  });
});
