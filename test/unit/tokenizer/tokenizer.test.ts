import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SPECIAL_TOKENS } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { createTokenizer, type Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { smallVocab } from './smallVocab';

const vocab = smallVocab();
const idOf = (token: string): number => {
  const id = vocab.tokens.indexOf(token);
  assert.notEqual(id, -1, `${token} is in the vocabulary`);
  return id;
};
const ids = (...tokens: readonly string[]): number[] => tokens.map(idOf);
const wellFormed = fc.string({ unit: 'binary' });
const anyUtf16 = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(...Array.from("ab' \n1;_<", (character) => character.charCodeAt(0))),
    ),
  )
  .map((units) => String.fromCharCode(...units));

describe('tokenizer', () => {
  let tokenizer: Tokenizer;
  before(() => {
    tokenizer = createTokenizer(vocab);
  });

  describe('byte-pair encoding', () => {
    it('merges the best rank first, not what comes first', () => {
      assert.deepEqual(tokenizer.encode('abc'), ids('a', 'bc'));
    });

    it('merges from the left among equal ranks', () => {
      assert.deepEqual(tokenizer.encode('aaa'), ids('aa', 'a'));
      assert.deepEqual(tokenizer.encode('aaaaaaa'), ids('aaaa', 'aa', 'a'));
    });

    it('merges quotes and backslashes', () => {
      const added = ['""', '\\\\', '\\"', '"a'];
      const tokens = [...vocab.tokens, ...added];
      const own = createTokenizer({
        ...vocab,
        tokens,
        merges: [...vocab.merges, '" "', '\\ \\', '\\ "', '" a'],
        tokenTypes: [...Array.from(vocab.tokenTypes), ...added.map(() => 1)],
      });
      const idsOf = (...texts: readonly string[]): number[] => texts.map((text) => tokens.indexOf(text));
      assert.deepEqual(own.encode('""'), idsOf('""'));
      assert.deepEqual(own.encode('\\\\"'), idsOf('\\\\', '"'));
      assert.deepEqual(own.encode('\\"'), idsOf('\\"'));
      assert.deepEqual(own.encode('"a'), idsOf('"a'));
    });

    it('encodes bytes that no token covers one by one', () => {
      assert.deepEqual(tokenizer.encode('漢'), [0xe6, 0xbc, 0xa2]);
      assert.deepEqual(tokenizer.encode('\0\x7f'), [0x00, 0x7f]);
    });

    it('equals the definition applied literally', () => {
      const rank = new Map(vocab.merges.map((merge, index) => [merge, index]));
      const byDefinition = (word: string): string[] => {
        const parts = Array.from(word);
        for (;;) {
          let best = -1;
          let bestRank = Infinity;
          for (let i = 0; i + 1 < parts.length; i++) {
            const candidate = rank.get(`${parts[i]} ${parts[i + 1]}`) ?? Infinity;
            if (candidate < bestRank) [best, bestRank] = [i, candidate];
          }
          if (best < 0) return parts;
          parts.splice(best, 2, `${parts[best]}${parts[best + 1]}`);
        }
      };
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 's'), minLength: 1 }), (word) => {
          assert.deepEqual(tokenizer.encode(word), ids(...byDefinition(word)));
        }),
      );
    });

    it('encodes 100,000 equal characters', () => {
      assert.deepEqual(tokenizer.encode('a'.repeat(100_000)), Array<number>(25_000).fill(idOf('aaaa')));
      assert.equal(tokenizer.encode(' '.repeat(100_000)).length, 50_000);
      assert.equal(tokenizer.encode('漢'.repeat(100_000)).length, 300_000);
    }).timeout(60_000);
  });

  describe('pre-tokens', () => {
    it('cuts contractions off in either case', () => {
      assert.deepEqual(tokenizer.encode("a'sa"), ids('a', "'s", 'a'));
      assert.deepEqual(tokenizer.encode("A'SA"), ids('A', "'S", 'A'));
      // U+017F folds to s, but is none: the apostrophe leads a word here.
      assert.deepEqual(tokenizer.encode("'\u017fsa"), [0x27, 0xc5, 0xbf, idOf('sa')]);
    });

    it('cuts digits one by one', () => {
      assert.deepEqual(tokenizer.encode('1212'), ids('1', '2', '1', '2'));
    });

    it('gives a word one leading blank', () => {
      assert.deepEqual(tokenizer.encode('   a'), ids('ĠĠ', 'Ġa'));
    });

    it('keeps line ends with the punctuation before them, not with the word behind', () => {
      assert.deepEqual(tokenizer.encode(';\na'), ids(';Ċ', 'a'));
      assert.deepEqual(tokenizer.encode('a\n\na'), ids('a', 'ĊĊ', 'a'));
    });

    it('takes White_Space of Unicode for blank: NEL is, the byte-order mark is not', () => {
      assert.deepEqual(tokenizer.encode('\u0085aa'), [0xc2, 0x85, idOf('aa')]);
      // A mark counts as punctuation, so it takes the line end and leaves the blanks.
      const tokens = createTokenizer(smallVocab({ merges: ['¿ Ċ', '¿Ċ Ċ'] }));
      assert.deepEqual(tokens.encode('\ufeff\n\n'), [0xef, 0xbb, 257]);
    });
  });

  describe('special tokens', () => {
    it('are ordinary text where text spells them', () => {
      for (const special of SPECIAL_TOKENS) {
        const spelling = `<|${special}|>`;
        for (const text of [spelling, `a${spelling}b`, ` ${spelling}${spelling}\n`]) {
          const encoded = tokenizer.encode(text);
          assert.ok(!encoded.some((id) => tokenizer.isSpecial(id)), text);
          assert.equal(tokenizer.decode(encoded), text);
          assert.deepEqual(tokenizer.encodePrompt([{ text }]), encoded);
        }
      }
    });

    it('have the ids of the vocabulary', () => {
      for (const special of SPECIAL_TOKENS) {
        const id = idOf(`<|${special}|>`);
        assert.equal(tokenizer.specialId(special), id);
        assert.equal(tokenizer.isSpecial(id), true);
        assert.deepEqual(tokenizer.encodePrompt([{ special }]), [id]);
      }
      assert.equal(tokenizer.isSpecial(idOf('a')), false);
    });

    it('are missing where the vocabulary lacks them', () => {
      const without = createTokenizer(smallVocab({ lacking: ['<|file_sep|>'] }));
      assert.equal(without.specialId('file_sep'), undefined);
      assert.throws(
        () => without.encodePrompt([{ text: 'a' }, { special: 'file_sep' }]),
        (error) => error instanceof EngineError && error.code === 'invalid-request',
      );
    });

    it('are control tokens also where a converter filed them as user defined', () => {
      const filed = createTokenizer(
        smallVocab({ lacking: ['<|fim_middle|>'], extra: [{ token: '<|fim_middle|>', type: 4 }] }),
      );
      const id = filed.size - 1;
      assert.equal(filed.specialId('fim_middle'), id);
      assert.equal(filed.isSpecial(id), true);
      assert.ok(!filed.encode('<|fim_middle|>').includes(id));
    });
  });

  describe('user-defined tokens', () => {
    it('are found in text, the longest first, and are text themselves', () => {
      const tokens = createTokenizer(
        smallVocab({
          extra: [
            { token: '<t>', type: 4 },
            { token: '<t>+é', type: 4 },
          ],
        }),
      );
      const short = tokens.size - 2;
      const long = tokens.size - 1;
      const encoded = tokens.encode('aa<t>a<t>+é<t>+');
      assert.deepEqual(encoded, [idOf('aa'), short, 0x61, long, short, 0x2b]);
      assert.equal(tokens.decode(encoded), 'aa<t>a<t>+é<t>+');
      assert.deepEqual(Buffer.from(tokens.bytes(long)).toString(), '<t>+é');
      assert.equal(tokens.isSpecial(long), false);
    });
  });

  describe('encodePrompt', () => {
    it('joins neighbouring texts, but not across a special token', () => {
      assert.deepEqual(
        tokenizer.encodePrompt([
          { special: 'fim_prefix' },
          { text: 'a' },
          { text: '' },
          { text: 'a' },
          { special: 'fim_suffix' },
          { text: 'a' },
          { special: 'fim_middle' },
          { text: 'a' },
        ]),
        ids('<|fim_prefix|>', 'aa', '<|fim_suffix|>', 'a', '<|fim_middle|>', 'a'),
      );
    });

    it('joins the halves of a surrogate pair', () => {
      assert.deepEqual(
        tokenizer.encodePrompt([{ text: '\ud83d' }, { text: '\ude00' }]),
        [0xf0, 0x9f, 0x98, 0x80],
      );
    });

    it('gives nothing for nothing', () => {
      assert.deepEqual(tokenizer.encodePrompt([]), []);
      assert.deepEqual(tokenizer.encodePrompt([{ text: '' }]), []);
      assert.deepEqual(tokenizer.encode(''), []);
    });
  });

  describe('bytes and decode', () => {
    it('give the bytes of a token, also parts of characters', () => {
      for (let byte = 0; byte < 256; byte++) assert.deepEqual([...tokenizer.bytes(byte)], [byte]);
      assert.deepEqual([...tokenizer.bytes(idOf('Ã©'))], [0xc3, 0xa9]);
      assert.deepEqual([...tokenizer.bytes(idOf(';Ċ'))], [0x3b, 0x0a]);
    });

    it('give no bytes for control and unused tokens', () => {
      const tokens = createTokenizer(smallVocab({ extra: [{ token: '[PAD0]', type: 5 }] }));
      assert.deepEqual([...tokens.bytes(tokens.size - 1)], []);
      assert.equal(tokens.isSpecial(tokens.size - 1), false);
      assert.deepEqual([...tokenizer.bytes(idOf('<|im_end|>'))], []);
      assert.equal(tokenizer.decode(ids('a', '<|im_end|>', 'bc')), 'abc');
    });

    it('keep a byte-order mark and replace what is not UTF-8', () => {
      assert.equal(tokenizer.decode([0xef, 0xbb, 0xbf, 0x61]), '\ufeffa');
      assert.equal(tokenizer.decode([0x61, 0xff, 0x62]), 'a\ufffdb');
      assert.equal(tokenizer.decode([]), '');
    });

    it('refuse ids that are none', () => {
      for (const id of [-1, vocab.tokens.length, 0.5, NaN, 2 ** 40]) {
        const refused = (error: unknown): boolean =>
          error instanceof EngineError && error.code === 'invalid-request';
        assert.throws(() => tokenizer.bytes(id), refused);
        assert.throws(() => tokenizer.isSpecial(id), refused);
        assert.throws(() => tokenizer.decode([id]), refused);
      }
    });
  });

  describe('round trip', () => {
    it('is exact for any well-formed text', () => {
      fc.assert(
        fc.property(wellFormed, (text) => {
          assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
        }),
      );
    });

    it('turns lone surrogates into U+FFFD and leaves the rest', () => {
      fc.assert(
        fc.property(anyUtf16, (text) => {
          const expected = Buffer.from(text, 'utf8');
          const encoded = tokenizer.encode(text);
          assert.deepEqual(Buffer.concat(encoded.map((id) => tokenizer.bytes(id))), expected);
          assert.deepEqual(tokenizer.encode(expected.toString('utf8')), encoded);
        }),
        { numRuns: 300 },
      );
    });

    it('does not compose characters', () => {
      assert.notDeepEqual(tokenizer.encode('e\u0301'), tokenizer.encode('\u00e9'));
      assert.equal(tokenizer.decode(tokenizer.encode('e\u0301')), 'e\u0301');
    });

    it('is the same the second time, and the caller may change what it got', () => {
      fc.assert(
        fc.property(wellFormed, (text) => {
          const first = tokenizer.encode(text);
          const copy = [...first];
          first.fill(0);
          assert.deepEqual(tokenizer.encode(text), copy);
        }),
      );
    });
  });

  describe('a vocabulary that contradicts itself', () => {
    const rejects = (
      name: string,
      code: string,
      change: () => Parameters<typeof createTokenizer>[0],
    ): void => {
      it(`is refused: ${name}`, () => {
        assert.throws(
          () => createTokenizer(change()),
          (error) => error instanceof EngineError && error.code === code,
        );
      });
    };
    const base = smallVocab();
    rejects('another pre-tokenizer', 'model-unsupported', () => ({ ...base, pre: 'llama-bpe' }));
    rejects('a kind of token from other tokenizers', 'model-unsupported', () =>
      smallVocab({ extra: [{ token: '<0x00>', type: 6 }] }),
    );
    rejects('fewer types than tokens', 'model-corrupt', () => ({
      ...base,
      tokenTypes: Array.from(base.tokenTypes).slice(1),
    }));
    rejects('no tokens', 'model-corrupt', () => ({ ...base, tokens: [], tokenTypes: [], merges: [] }));
    rejects('a missing byte', 'model-corrupt', () => ({
      ...base,
      tokens: base.tokens.map((token, id) => (id === 0x20 ? 'ĠĠĠ' : token)),
    }));
    rejects('a repeated token', 'model-corrupt', () => smallVocab({ extra: [{ token: 'bc', type: 1 }] }));
    rejects('an empty token', 'model-corrupt', () => smallVocab({ extra: [{ token: '', type: 1 }] }));
    rejects('a token outside the byte alphabet', 'model-corrupt', () =>
      smallVocab({ extra: [{ token: 'a b', type: 1 }] }),
    );
    for (const merge of ['a', 'a ', ' a', 'x y', 'a b c']) {
      rejects(`the merge "${merge}"`, 'model-corrupt', () => ({ ...base, merges: [...base.merges, merge] }));
    }
  });
});
