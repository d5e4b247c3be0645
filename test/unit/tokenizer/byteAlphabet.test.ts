import assert from 'node:assert/strict';
import { createByteAlphabet } from '../../../src/inference/tokenizer/byteAlphabet';

describe('byte alphabet', () => {
  const alphabet = createByteAlphabet();

  it('has the published characters', () => {
    const character = (byte: number): string | undefined => alphabet.characters[byte];
    assert.equal(alphabet.characters.length, 256);
    assert.equal(character(0x00), 'Ā');
    assert.equal(character(0x0a), 'Ċ');
    assert.equal(character(0x20), 'Ġ');
    assert.equal(character(0x21), '!');
    assert.equal(character(0x7e), '~');
    assert.equal(character(0x7f), 'ġ');
    assert.equal(character(0xa0), 'ł');
    assert.equal(character(0xa1), '¡');
    assert.equal(character(0xad), 'Ń');
    assert.equal(character(0xff), 'ÿ');
  });

  it('is a bijection between bytes and characters', () => {
    assert.equal(new Set(alphabet.characters).size, 256);
    assert.deepEqual(
      alphabet.toBytes(alphabet.characters.join('')),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
    );
  });

  it('knows what lies outside', () => {
    for (const text of [' ', '\n', '\u00ad', '\u0144', '漢', 'a b']) {
      assert.equal(alphabet.covers(text), false, text);
      assert.equal(alphabet.toBytes(text), undefined, text);
    }
    assert.equal(alphabet.covers(''), true);
    assert.equal(alphabet.covers('Ġa'), true);
  });
});
