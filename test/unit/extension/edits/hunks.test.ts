import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyHunks, hunksBetween, reanchor } from '../../../../src/extension/edits/hunks';
import { Proposal } from '../../../../src/extension/edits/proposal';

const lines = (text: string): string => text.split('').join('\n');
const texts = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((all) => all.join('\n'));

describe('hunks', () => {
  it('make one text from another, whatever they are', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        assert.equal(applyHunks(before, hunksBetween(before, after)), after);
      }),
    );
  });

  it('move with the text where it changes elsewhere', () => {
    const hunks = hunksBetween(lines('abcdef'), lines('abcdXf'));
    const moved = reanchor(hunks, lines('abcdef'), lines('12abcdef'));
    assert.ok(moved.kind === 'moved');
    assert.equal(applyHunks(lines('12abcdef'), moved.hunks), lines('12abcdXf'));
  });

  it('do not move where it changes at their place', () => {
    const hunks = hunksBetween(lines('abcdef'), lines('abcdXf'));
    assert.equal(reanchor(hunks, lines('abcdef'), lines('abcdYf')).kind, 'conflict');
    assert.equal(reanchor(hunks, lines('abcdef'), lines('abcdf')).kind, 'conflict');
    const insertion = hunksBetween(lines('ab'), lines('aXb'));
    assert.equal(reanchor(insertion, lines('ab'), lines('aYb')).kind, 'conflict');
  });

  it('that move say in the new text what they said in the old one', () => {
    fc.assert(
      fc.property(texts, texts, texts, (base, mine, theirs) => {
        const moved = reanchor(hunksBetween(base, mine), base, theirs);
        if (moved.kind === 'conflict') return;
        for (const { start, removed } of moved.hunks) {
          assert.deepEqual(theirs.split('\n').slice(start, start + removed.length), removed);
        }
      }),
    );
  });
});

describe('Proposal', () => {
  const base = lines('abcdefgh');
  const proposed = lines('aXcdefYh');

  it('is decided on hunk by hunk', () => {
    const proposal = new Proposal(base, proposed);
    const [first, second] = proposal.hunks;
    assert.ok(first && second);
    proposal.accepted([first]);
    assert.equal(proposal.base, lines('aXcdefgh'));
    assert.equal(proposal.hunks.length, 1);
    proposal.reject(proposal.hunks);
    assert.equal(proposal.proposed, lines('aXcdefgh'));
    assert.equal(proposal.hunks.length, 0);
  });

  it('follows the document while it changes elsewhere, and says so where it does not', () => {
    const proposal = new Proposal(base, proposed);
    assert.ok(proposal.rebase(lines('abcZZdefgh')));
    assert.equal(proposal.proposed, lines('aXcZZdefYh'));
    assert.ok(!proposal.rebase(lines('aQcZZdefgh')));
    assert.equal(proposal.proposed, lines('aXcZZdefYh'));
  });

  it('takes line ends of Windows for what they are', () => {
    const proposal = new Proposal('a\r\nb\r\n', 'a\nc\n');
    assert.deepEqual(proposal.hunks, [{ start: 1, removed: ['b'], added: ['c'] }]);
  });

  it('finds the hunk at a line of the proposed text', () => {
    const proposal = new Proposal(base, proposed);
    assert.deepEqual(
      [0, 1, 2, 6, 7].map((line) => proposal.hunkAt(line)?.start),
      [1, 1, 1, 6, 6],
    );
    assert.equal(new Proposal('a', 'a').hunkAt(0), undefined);
  });
});
