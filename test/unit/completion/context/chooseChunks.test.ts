import assert from 'node:assert/strict';
import {
  chooseChunks,
  chunkTokens,
  ENTER_SCORE,
  fittingChunks,
  STAY_SCORE,
  type PlacedChunk,
} from '../../../../src/completion/context/chooseChunks';
import { chunkKey, type ContextChunk } from '../../../../src/completion/context/contextChunk';
import type { ScoredChunk } from '../../../../src/completion/context/similarity';
import { sampleFunction } from './helpers';

const piece = (name: string, given: Partial<ContextChunk> = {}): ContextChunk => ({
  source: 'open',
  uri: `file:///${name}.py`,
  path: `${name}.py`,
  text: sampleFunction(name, ['alpha', 'beta']),
  startLine: 1,
  ...given,
});
const scored = (name: string, score: number, given: Partial<ContextChunk> = {}): ScoredChunk => ({
  chunk: piece(name, given),
  score,
});
const names = (chunks: readonly PlacedChunk[]): string[] =>
  chunks.map(({ chunk }) => chunk.path.replace('.py', ''));
const limits = { maxTokens: 1000, pinned: new Set<string>(), uri: 'file:///main.py' };
const choose = (
  before: readonly PlacedChunk[],
  candidates: readonly ScoredChunk[],
  maxTokens = 1000,
): PlacedChunk[] => chooseChunks(before, candidates, { ...limits, maxTokens });

describe('chooseChunks', () => {
  it('lets in what is similar enough, and keeps it until it is clearly not', () => {
    assert.deepEqual(choose([], [scored('a', ENTER_SCORE - 0.01)]), []);
    const first = choose([], [scored('a', ENTER_SCORE)]);
    assert.deepEqual(names(first), ['a']);
    assert.deepEqual(names(choose(first, [scored('a', STAY_SCORE)])), ['a']);
  });

  it('keeps the places of those that stay and puts new ones behind them, whatever their scores', () => {
    const first = choose([], [scored('c', 0.5), scored('d', 0.4)]);
    assert.deepEqual(names(first), ['c', 'd']);
    const second = choose(first, [scored('a', 0.9), scored('d', 0.8), scored('c', 0.3)]);
    assert.deepEqual(names(second), ['c', 'd', 'a']);
  });

  it('puts a chunk whose text has changed at the end', () => {
    const first = choose([], [scored('a', 0.5), scored('b', 0.5)]);
    const text = sampleFunction('a', ['alpha', 'gamma']);
    assert.deepEqual(names(choose(first, [scored('a', 0.5, { text }), scored('b', 0.5)])), ['b', 'a']);
  });

  it('orders new ones by how stable their source is, the document’s own last', () => {
    const chosen = choose(
      [],
      [
        scored('edit', 1, { source: 'recent-edit' }),
        scored('open', 0.5),
        scored('main', 1, { source: 'signature', uri: limits.uri, name: 'Cart' }),
        scored('imports', 1, { source: 'imports', name: 'total' }),
      ],
    );
    assert.deepEqual(names(chosen), ['imports', 'open', 'edit', 'main']);
  });

  it('stays within the budget, and takes what is known to belong here before what is similar', () => {
    const all = Array.from({ length: 20 }, (_, at) => [
      scored(`open${at}`, 0.9),
      scored(`imports${at}`, 1, { source: 'imports', name: `f${at}` }),
    ]).flat();
    for (const maxTokens of [0, 50, 300, 1000, 3000]) {
      const chosen = choose([], all, maxTokens);
      const sum = chosen.reduce((total, { chunk }) => total + chunkTokens(chunk), 0);
      assert.ok(sum <= maxTokens, `${sum} of ${maxTokens}`);
      const imported = chosen.filter(({ chunk }) => chunk.source === 'imports').length;
      if (maxTokens >= 1000)
        assert.ok(imported >= 1 && imported < chosen.length, `${imported} of ${chosen.length}`);
    }
  });

  it('cuts what is too long to whole lines', () => {
    const [cut] = choose([], [scored('long', 0.9, { text: sampleFunction('long', ['alpha'], 300) })], 400);
    assert.ok(cut !== undefined && cut.tokens <= 300, `${cut?.tokens}`);
    assert.ok(sampleFunction('long', ['alpha'], 300).startsWith(`${cut.chunk.text}\n`));
  });

  it('replaces a similar piece only by one that is clearly more similar', () => {
    const full = choose(
      [],
      ['a', 'b', 'c', 'd'].map((name, at) => scored(name, 0.4 + at / 100)),
    );
    assert.equal(full.length, 4);
    const same = full.map(({ chunk, score }) => ({ chunk, score }));
    assert.deepEqual(names(choose(full, [...same, scored('e', 0.45)])), ['a', 'b', 'c', 'd']);
    assert.deepEqual(names(choose(full, [...same, scored('e', 0.95)])), ['b', 'c', 'd', 'e']);
  });

  it('shows no line twice', () => {
    const text = sampleFunction('cart', ['alpha']);
    const chosen = choose(
      [],
      [
        scored('cart', 1, {
          source: 'imports',
          text: 'def cart(cart_input): ...',
          lineCount: 10,
          name: 'cart',
        }),
        scored('cart', 0.9, { text }),
        scored('cart', 0.8, { source: 'changed', text, startLine: 40 }),
      ],
    );
    assert.deepEqual(
      chosen.map(({ chunk }) => [chunk.source, chunk.startLine]),
      [
        ['imports', 1],
        ['changed', 40],
      ],
    );
  });

  it('keeps what is pinned, whatever its score', () => {
    const pinned = new Set([chunkKey(piece('a'))]);
    const many = Array.from({ length: 9 }, (_, at) => scored(`b${at}`, 0.9));
    const chosen = chooseChunks([], [...many, scored('a', 0)], { ...limits, pinned });
    assert.ok(names(chosen).includes('a'));
    assert.equal(chosen.find(({ chunk }) => chunk.path === 'a.py')?.pinned, true);
  });
});

describe('fittingChunks', () => {
  it('leaves out the least when there is less room, without changing the order', () => {
    const chosen = choose([], [scored('a', 0.3), scored('b', 0.6), scored('c', 0.9)]);
    const sum = chosen.reduce((total, { tokens }) => total + tokens, 0);
    assert.deepEqual(names(fittingChunks(chosen, sum)), ['a', 'b', 'c']);
    assert.deepEqual(names(fittingChunks(chosen, sum - 1)), ['b', 'c']);
    assert.deepEqual(names(fittingChunks(chosen, 0)), []);
  });
});
