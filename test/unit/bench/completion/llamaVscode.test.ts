import assert from 'node:assert/strict';
import {
  completionBody,
  contextBody,
  cursorPlace,
} from '../../../bench/completion/replay/llamaVscode/requests';
import { ChunkRing } from '../../../bench/completion/replay/llamaVscode/ring';
import { LLAMA_VSCODE } from '../../../bench/completion/replay/llamaVscode/settings';
import {
  RememberedSuggestions,
  shownText,
  withoutIndent,
} from '../../../bench/completion/replay/llamaVscode/suggestions';
import { parse as documentOf } from '../../completion/cursor';

describe('llama.vscode, imitated: requests', () => {
  it('have whole lines before the cursor’s, and none of the blanks that it begins with', () => {
    const at = cursorPlace(documentOf('a\n  b\n  █\nc\n'));
    assert.deepEqual([at.prefix, at.prompt, at.suffix, at.indent], ['a\n  b\n', '', '\nc\n\n', 2]);
    const inside = cursorPlace(documentOf('a\n  b█c\nd'));
    assert.deepEqual([inside.prefix, inside.prompt, inside.suffix], ['a\n', '  b', 'c\nd\n']);
  });

  it('leave the indentation out where there is none', () => {
    const texts = { prefix: '', prompt: 'a', suffix: '\n' };
    assert.ok(!('n_indent' in completionBody(texts, [], 0)));
    assert.equal(completionBody(texts, [], 4)['n_indent'], 4);
    assert.equal(contextBody([])['n_predict'], 0);
  });
});

describe('llama.vscode, imitated: suggestions', () => {
  const place = cursorPlace(documentOf('a\n  b█\n  c\n  d\n'));

  it('are cut where something stands behind the cursor', () => {
    const before = cursorPlace(documentOf('f(█)\nx\n'));
    assert.equal(shownText('a)', before), 'a');
    assert.equal(shownText('a\nb', before), 'a');
    assert.equal(shownText('a', before), 'a');
  });

  it('are withheld where they repeat what follows', () => {
    const blank = cursorPlace(documentOf('a\n█\n  c\n  d\n'));
    assert.equal(shownText('  c', blank), undefined);
    assert.equal(shownText('  c\n  d', blank), undefined);
    assert.equal(shownText('  c\n  e', blank), '  c\n  e');
    assert.equal(shownText('\n  c', place), undefined);
    assert.equal(shownText('  \n', place), undefined);
    assert.equal(shownText('x\n\n', place), 'x');
  });

  it('lose the indentation that is there', () => {
    assert.equal(withoutIndent('    a\n    b', cursorPlace(documentOf('x\n    █'))), 'a\n    b');
    assert.equal(withoutIndent('    a', cursorPlace(documentOf('x\n  █'))), '  a');
    assert.equal(withoutIndent('  a', cursorPlace(documentOf('x █'))), '  a');
  });

  it('are found again while they are typed', () => {
    const remembered = new RememberedSuggestions();
    const texts = { prefix: 'p\n', suffix: '\n', prompt: 're' };
    remembered.remember(texts, ['turn a', 'sult']);
    assert.deepEqual(remembered.find({ ...texts, prompt: 'retu' }), ['rn a']);
    assert.deepEqual(remembered.find(texts), ['turn a', 'sult']);
    assert.equal(remembered.find({ ...texts, prompt: 'rex' }), undefined);
  });
});

describe('llama.vscode, imitated: context', () => {
  const lines = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `line ${from + index}`);
  const ringOf = (random = 0): ChunkRing =>
    new ChunkRing(
      () => random,
      () => 5,
    );
  const take = (ring: ChunkRing): string[] => {
    while (ring.takeOver());
    return ring.chunks.map(({ text }) => text);
  };

  it('is what surrounds the cursor, or half as much from anywhere in what is too long', () => {
    const ring = ringOf(0.999);
    ring.pickAround({ filename: 'a', lines: lines(0, 200) }, 100);
    // 65 lines around it, of which the last 32 are taken.
    assert.deepEqual(take(ring), [`${lines(101, 32).join('\n')}\n`]);
    const short = ringOf();
    short.pickAround({ filename: 'a', lines: lines(0, 200) }, 3);
    assert.deepEqual(take(short), [`${lines(0, 36).join('\n')}\n`]);
  });

  it('has no piece twice, and the newer of two that are nearly the same', () => {
    const ring = ringOf();
    const from = { filename: 'a', lines: lines(0, 30) };
    ring.pickAround(from, 0);
    ring.pickAround(from, 0);
    assert.equal(ring.queued, 1);
    ring.pickAround({ ...from, lines: [...lines(0, 29), 'changed'] }, 0);
    assert.equal(ring.queued, 1);
    assert.match(take(ring)[0] ?? '', /changed/);
    ring.pickAround({ ...from, lines: lines(0, 2) }, 0);
    assert.equal(ring.queued, 0);
  });

  it('holds as many pieces as its settings say, the newest', () => {
    const ring = ringOf();
    for (let piece = 0; piece < 20; piece++) {
      ring.pickAround({ filename: 'a', lines: lines(100 * piece, 10) }, 0);
      ring.takeOver();
    }
    assert.equal(ring.chunks.length, LLAMA_VSCODE.chunks);
    assert.match(ring.chunks.at(-1)?.text ?? '', /line 1900/);
  });

  it('takes what lies beyond prefix and suffix only when the cursor has moved far', () => {
    const ring = ringOf();
    const from = { filename: 'a', lines: lines(0, 1000) };
    ring.pickBeyond(from, 500);
    ring.pickBeyond(from, 532);
    assert.equal(ring.queued, 2);
    ring.pickBeyond(from, 533);
    assert.equal(ring.queued, 4);
  });
});
