import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editedChunk, RecentEdits } from '../../../../src/completion/context/recentEdits';

const A = 'file:///a.py';
const B = 'file:///b.py';
const lines = (edits: RecentEdits, now = 0) => edits.hunks(now).map(({ uri, from, to }) => [uri, from, to]);

describe('RecentEdits', () => {
  it('has the newest first, over files', () => {
    const edits = new RecentEdits();
    edits.note(A, { from: 5, to: 5, lines: 1 }, 0);
    edits.note(B, { from: 1, to: 1, lines: 2 }, 1);
    assert.deepEqual(lines(edits), [
      [B, 1, 2],
      [A, 5, 5],
    ]);
  });

  it('makes one of what is close, and keeps apart what is not', () => {
    const edits = new RecentEdits();
    for (const from of [10, 12, 40, 11]) edits.note(A, { from, to: from, lines: 1 }, 0);
    assert.deepEqual(lines(edits), [
      [A, 10, 12],
      [A, 40, 40],
    ]);
  });

  it('moves places with changes above them', () => {
    const edits = new RecentEdits();
    edits.note(A, { from: 40, to: 41, lines: 2 }, 0);
    edits.note(A, { from: 3, to: 3, lines: 11 }, 1);
    assert.deepEqual(lines(edits), [
      [A, 3, 13],
      [A, 50, 51],
    ]);
    edits.note(A, { from: 3, to: 13, lines: 1 }, 2);
    assert.deepEqual(lines(edits), [
      [A, 3, 3],
      [A, 40, 41],
    ]);
  });

  it('forgets what is old, and a file that is gone', () => {
    const edits = new RecentEdits();
    edits.note(A, { from: 5, to: 5, lines: 1 }, 0);
    edits.note(B, { from: 5, to: 5, lines: 1 }, 40 * 60_000);
    assert.deepEqual(lines(edits, 41 * 60_000), [[B, 5, 5]]);
    edits.forget(B);
    assert.deepEqual(lines(edits, 41 * 60_000), []);
  });

  it('keeps its places apart and inside the file, whatever is written', () => {
    const change = fc.record({
      at: fc.nat(60),
      removed: fc.integer({ min: 1, max: 5 }),
      lines: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const edits = new RecentEdits();
        let count = 60;
        for (const { at, removed, lines: added } of changes) {
          const from = 1 + (at % count);
          const to = Math.min(count, from + removed - 1);
          edits.note(A, { from, to, lines: added }, 0);
          count += added - (to - from + 1);
          const sorted = [...edits.hunks(0)].sort((a, b) => a.from - b.from);
          sorted.forEach((hunk, index) => {
            assert.ok(hunk.from >= 1 && hunk.from <= hunk.to && hunk.to <= count);
            const next = sorted[index + 1];
            if (next !== undefined) assert.ok(next.from > hunk.to);
          });
        }
      }),
    );
  });
});

describe('editedChunk', () => {
  const text = Array.from({ length: 50 }, (_, at) => (at === 29 ? '' : `line ${at + 1}`)).join('\r\n');
  const hunk = (from: number, to: number) => ({ uri: A, from, to, at: 0 });
  const file = { uri: A, path: 'a.py', text };

  it('shows what stands there now, in the order of the file, as one', () => {
    const chunk = editedChunk(file, [hunk(40, 41), hunk(3, 3)]);
    assert.equal(chunk?.text, 'line 3\n\nline 40\nline 41');
    assert.deepEqual([chunk.startLine, chunk.lineCount], [3, 39]);
  });

  it('leaves out what is shown already, blank, or too much', () => {
    assert.equal(
      editedChunk(file, [hunk(40, 41)], (from) => from === 40),
      undefined,
    );
    assert.equal(editedChunk(file, [hunk(30, 30)]), undefined);
    const much = editedChunk(file, [hunk(1, 12), hunk(20, 28), hunk(35, 45)]);
    assert.match(much?.text ?? '', /^line 1\n[\s\S]*line 28$/);
    assert.doesNotMatch(much?.text ?? '', /line 35/);
  });
});
