import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EngineError } from '../../../src/inference/errors';
import { IncrementalDecoder } from '../../../src/inference/tokenizer/incrementalDecoder';
import { createTokenizer, type Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { smallVocab } from './smallVocab';

describe('IncrementalDecoder', () => {
  let tokenizer: Tokenizer;
  let decoder: IncrementalDecoder;
  before(() => {
    tokenizer = createTokenizer(smallVocab());
  });
  beforeEach(() => {
    decoder = new IncrementalDecoder(tokenizer);
  });
  const pushes = (ids: readonly number[]): string[] => ids.map((id) => decoder.push(id));

  it('holds a character back until it is whole', () => {
    assert.deepEqual(pushes([0x61, ...Buffer.from('😀é'), 0x62]), ['a', '', '', '', '😀', '', 'é', 'b']);
    assert.equal(decoder.flush(), '');
  });

  it('replaces bytes as soon as they cannot become a character', () => {
    assert.deepEqual(pushes([0xff, 0x61]), ['\ufffd', 'a']);
    assert.deepEqual(pushes([0xe6, 0xbc, 0x61]), ['', '', '\ufffda']);
    assert.deepEqual(pushes([0xa9]), ['\ufffd']);
  });

  it('replaces what is cut off at the end, and can then begin anew', () => {
    assert.deepEqual(pushes([0x61, 0xf0, 0x9f]), ['a', '', '']);
    assert.equal(decoder.flush(), '\ufffd');
    assert.deepEqual(pushes([0x98, 0xc3, 0xa9]), ['\ufffd', '', 'é']);
    assert.equal(decoder.flush(), '');
  });

  it('keeps a byte-order mark, at the start and after a flush', () => {
    for (let round = 0; round < 2; round++) {
      assert.equal(pushes([0xef, 0xbb, 0xbf, 0x61]).join(''), '\ufeffa');
      assert.equal(decoder.flush(), '');
    }
  });

  it('gives nothing for a control token inside a character', () => {
    const control = tokenizer.specialId('fim_pad');
    assert.ok(control !== undefined);
    assert.deepEqual(pushes([0xc3, control, 0xa9]), ['', '', 'é']);
  });

  it('refuses an id that is none', () => {
    assert.throws(
      () => decoder.push(tokenizer.size),
      (error) => error instanceof EngineError && error.code === 'invalid-request',
    );
  });

  it('gives at each step all whole characters of a well-formed text and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Where each character of the text ends, in bytes and in UTF-16 units.
        const ends: { bytes: number; units: number }[] = [];
        let byteEnd = 0;
        let unitEnd = 0;
        for (const character of text) {
          byteEnd += Buffer.byteLength(character);
          unitEnd += character.length;
          ends.push({ bytes: byteEnd, units: unitEnd });
        }
        let pushed = 0;
        let given = '';
        for (const id of tokenizer.encode(text)) {
          pushed += tokenizer.bytes(id).length;
          given += decoder.push(id);
          const whole = ends.findLast((end) => end.bytes <= pushed)?.units ?? 0;
          assert.equal(given, text.slice(0, whole));
        }
        assert.equal(decoder.flush(), '');
        assert.equal(given, text);
      }),
    );
  });

  it('gives in pieces what decode gives at once, for any bytes', () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(
        0xc3,
        0xa9,
        0xe0,
        0xa0,
        0xed,
        0x9f,
        0xef,
        0xbb,
        0xbf,
        0xf0,
        0x9f,
        0x98,
        0x80,
        0xf4,
        0x90,
      ),
    );
    fc.assert(
      fc.property(fc.array(byte), (ids) => {
        assert.equal(pushes(ids).join('') + decoder.flush(), tokenizer.decode(ids));
      }),
      { numRuns: 500 },
    );
  });
});
