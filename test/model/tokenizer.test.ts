import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { SPECIAL_TOKENS } from '../../src/inference/engine';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import { IncrementalDecoder } from '../../src/inference/tokenizer/incrementalDecoder';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';

interface CorpusText {
  readonly name: string;
  readonly text: string;
}

interface Reference {
  /** By which program and version. */
  readonly made: string;
  readonly ids: Readonly<Record<string, readonly number[] | undefined>>;
}

const FIXTURES = 'test/fixtures/tokenizer';
const corpus = JSON.parse(readFileSync(`${FIXTURES}/corpus.json`, 'utf8')) as CorpusText[];
const references = JSON.parse(readFileSync(`${FIXTURES}/reference-ids.json`, 'utf8')) as {
  readonly llamaCpp: Reference;
  readonly transformers: Reference;
};

function modelPath(): string {
  const path = process.env.QWEN_CODER_TEST_MODEL;
  if (path === undefined || path === '') {
    throw new Error('QWEN_CODER_TEST_MODEL must name a Qwen2.5-Coder GGUF: these tests read its vocabulary.');
  }
  return path;
}

describe('tokenizer with the real vocabulary', function () {
  this.timeout(120_000);
  let tokenizer: Tokenizer;
  before(async () => {
    tokenizer = tokenizerFromGguf((await readGguf(modelPath())).metadata);
  });

  it('has the vocabulary of Qwen2.5-Coder', () => {
    assert.equal(tokenizer.size, 151_936);
    assert.deepEqual(
      SPECIAL_TOKENS.map((token) => [token, tokenizer.specialId(token)]),
      [
        ['fim_prefix', 151_659],
        ['fim_middle', 151_660],
        ['fim_suffix', 151_661],
        ['fim_pad', 151_662],
        ['repo_name', 151_663],
        ['file_sep', 151_664],
        ['endoftext', 151_643],
        ['im_start', 151_644],
        ['im_end', 151_645],
      ],
    );
  });

  it('has reference ids for every text of the corpus and no other', () => {
    const names = corpus.map(({ name }) => name);
    assert.deepEqual(Object.keys(references.llamaCpp.ids), names);
    assert.deepEqual(Object.keys(references.transformers.ids), names);
    // The tests below tell the two references apart only if some text does.
    assert.ok(corpus.some(({ text }) => text !== text.normalize('NFC')));
  });

  for (const { name, text } of corpus) {
    describe(name, () => {
      it('has llama.cpp’s ids', () => {
        assert.deepEqual(tokenizer.encode(text), references.llamaCpp.ids[name]);
      });

      // The reference composes characters first and llama.cpp does not; where that matters we follow llama.cpp.
      it('has the reference tokenizer’s ids once its characters are composed', () => {
        assert.deepEqual(tokenizer.encode(text.normalize('NFC')), references.transformers.ids[name]);
        if (text !== text.normalize('NFC')) {
          assert.notDeepEqual(tokenizer.encode(text), references.transformers.ids[name]);
        }
      });

      it('comes back from its ids, at once and piece by piece', () => {
        const ids = tokenizer.encode(text);
        assert.equal(tokenizer.decode(ids), text);
        const decoder = new IncrementalDecoder(tokenizer);
        assert.equal(ids.map((id) => decoder.push(id)).join('') + decoder.flush(), text);
      });
    });
  }

  it('encodes text that spells a special token as ordinary text', () => {
    for (const special of SPECIAL_TOKENS) {
      const spelling = `<|${special}|>`;
      const ids = tokenizer.encode(`a${spelling} b`);
      assert.ok(!ids.some((id) => tokenizer.isSpecial(id)));
      assert.equal(tokenizer.decode(ids), `a${spelling} b`);
    }
  });

  it('puts special tokens into a prompt by id', () => {
    const before = tokenizer.encode('def f(x):\n    return ');
    const after = tokenizer.encode('\n\nprint(f(1))\n');
    assert.deepEqual(
      tokenizer.encodePrompt([
        { special: 'fim_prefix' },
        { text: 'def f(x):\n' },
        { text: '    return ' },
        { special: 'fim_suffix' },
        { text: '\n\nprint(f(1))\n' },
        { special: 'fim_middle' },
      ]),
      [151_659, ...before, 151_661, ...after, 151_660],
    );
  });

  it('gives bytes for every ordinary token and none for the others', () => {
    for (let id = 0; id < tokenizer.size; id++) {
      const ordinary = id < 151_643 || id === 151_657 || id === 151_658;
      assert.equal(tokenizer.bytes(id).length > 0, ordinary, `token ${id}`);
    }
  });

  it('is exact in the round trip for any well-formed text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      }),
      { numRuns: 500 },
    );
  });

  it('encodes runs of 100,000 equal characters', () => {
    for (const [character, bytes] of [
      ['a', 1],
      [' ', 1],
      ['😀', 4],
    ] as const) {
      const ids = tokenizer.encode(character.repeat(100_000));
      const total = ids.reduce((sum, id) => sum + tokenizer.bytes(id).length, 0);
      assert.equal(total, 100_000 * bytes);
    }
  });
});
