import assert from 'node:assert/strict';
import fc from 'fast-check';
import { estimateTokens } from '../../../src/completion/estimateTokens';
import type { DocumentSnapshot } from '../../../src/completion/snapshot';
import { PREFIX_STEP_TOKENS, splitsCharacter, WindowChooser } from '../../../src/completion/window';

const budget = { prefixTokens: 1024, suffixTokens: 128 };

function snapshot(text: string, offset: number, uri = 'file:///a'): DocumentSnapshot {
  return { uri, languageId: 'python', version: 1, text, offset };
}

function lines(count: number, endOfLine = '\n'): string {
  return Array.from({ length: count }, (_, i) => `    value_${i} = compute(${i}, "name")${endOfLine}`).join(
    '',
  );
}

describe('WindowChooser', () => {
  it('takes all of a short document', () => {
    const text = 'a = 1\nb = 2\n';
    assert.deepEqual(new WindowChooser().choose(snapshot(text, 6), budget), { start: 0, end: text.length });
  });

  it('starts and ends at line borders within the budget, using most of it', () => {
    const text = lines(2000);
    const offset = text.indexOf('value_1000');
    const { start, end } = new WindowChooser().choose(snapshot(text, offset), budget);
    assert.equal(text[start - 1], '\n');
    assert.equal(text[end], '\n');
    const before = estimateTokens(text, start, offset);
    const after = estimateTokens(text, offset, end);
    assert.ok(before <= 1024 && before > 1024 - PREFIX_STEP_TOKENS - 40, `${before}`);
    assert.ok(after <= 128 && after > 64, `${after}`);
  });

  for (const endOfLine of ['\n', '\r\n']) {
    it(`stays while one types, presses Enter and Backspace (${JSON.stringify(endOfLine)})`, () => {
      const keys = fc.array(
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom('foo', ' = ', 'bar(', 'x', ')', '1') },
          { weight: 1, arbitrary: fc.constant(endOfLine + '    ') },
          { weight: 2, arbitrary: fc.constant('backspace') },
        ),
        { minLength: 300, maxLength: 300 },
      );
      const document = lines(1200, endOfLine);
      fc.assert(
        fc.property(keys, (pressed) => {
          let offset = document.indexOf('value_600');
          let text = document;
          const chooser = new WindowChooser();
          let last = chooser.choose(snapshot(text, offset), budget);
          const tail = text.slice(last.end - 20, last.end);
          let moves = 0;
          let changed = 0;
          for (const key of pressed) {
            if (key === 'backspace') {
              const back = splitsCharacter(text, offset - 1) ? 2 : 1;
              text = text.slice(0, offset - back) + text.slice(offset);
              offset -= back;
              changed += 1;
            } else {
              text = text.slice(0, offset) + key + text.slice(offset);
              offset += key.length;
              changed += estimateTokens(key);
            }
            const now = chooser.choose(snapshot(text, offset), budget);
            if (now.start !== last.start) moves += 1;
            assert.ok(estimateTokens(text, now.start, offset) <= budget.prefixTokens);
            assert.equal(text.slice(now.end - 20, now.end), tail, 'the end behind the cursor stays');
            last = now;
          }
          assert.ok(moves <= 1 + changed / PREFIX_STEP_TOKENS, `${moves} moves in ${changed} tokens`);
        }),
        { numRuns: 15 },
      );
    });
  }

  it('stays the same text after an edit above it', () => {
    const text = lines(1000);
    const offset = text.indexOf('value_800');
    const chooser = new WindowChooser();
    const before = chooser.choose(snapshot(text, offset), budget);
    const added = 'import os\n';
    const after = chooser.choose(snapshot(added + text, offset + added.length), budget);
    assert.deepEqual(after, { start: before.start + added.length, end: before.end + added.length });
  });

  it('moves back when the cursor goes far up', () => {
    const text = lines(1000);
    const chooser = new WindowChooser();
    chooser.choose(snapshot(text, text.indexOf('value_800')), budget);
    const offset = text.indexOf('value_400');
    const { start } = chooser.choose(snapshot(text, offset), budget);
    assert.ok(estimateTokens(text, start, offset) > 700);
  });

  it('keeps documents apart', () => {
    const text = lines(1000);
    const offset = text.indexOf('value_800');
    const chooser = new WindowChooser();
    const first = chooser.choose(snapshot(text, offset, 'file:///a'), budget);
    chooser.choose(snapshot('x', 1, 'file:///b'), budget);
    assert.deepEqual(chooser.choose(snapshot(text, offset, 'file:///a'), budget), first);
  });

  it('cuts inside one long line where there is no other way, and stays there', () => {
    const text = 'call(1);'.repeat(50_000);
    const chooser = new WindowChooser();
    const first = chooser.choose(snapshot(text, 200_000), budget);
    assert.ok(first.start > 0 && first.end < text.length);
    const typed = text.slice(0, 200_000) + 'abc' + text.slice(200_000);
    const second = chooser.choose(snapshot(typed, 200_003), budget);
    assert.deepEqual(second, { start: first.start, end: first.end + 3 });
  });

  it('keeps to any budget, and never cuts a character or a CRLF in two', () => {
    const piece = fc.constantFrom(
      'a',
      'name',
      ' ',
      '\r\n',
      '\n',
      '😀',
      '漢',
      '1',
      '()',
      '\t',
      '_'.repeat(300),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 400 }),
        fc.nat(),
        fc.integer({ min: 16, max: 300 }),
        fc.integer({ min: 16, max: 100 }),
        (pieces, place, prefixTokens, suffixTokens) => {
          const text = pieces.join('');
          const offset = pieces.slice(0, place % (pieces.length + 1)).join('').length;
          const chooser = new WindowChooser();
          for (const at of [offset, Math.min(offset, 5), offset]) {
            if (splitsCharacter(text, at)) continue;
            const { start, end } = chooser.choose(snapshot(text, at), { prefixTokens, suffixTokens });
            assert.ok(start >= 0 && start <= at && end >= at && end <= text.length);
            assert.ok(!splitsCharacter(text, start) && !splitsCharacter(text, end));
            assert.ok(estimateTokens(text, start, at) <= prefixTokens);
            assert.ok(estimateTokens(text, at, end) <= suffixTokens);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes no part where the budget is 0', () => {
    assert.deepEqual(
      new WindowChooser().choose(snapshot('abc\ndef', 4), { prefixTokens: 0, suffixTokens: 0 }),
      {
        start: 4,
        end: 4,
      },
    );
  });
});
