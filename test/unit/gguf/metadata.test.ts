import assert from 'node:assert/strict';
import { GgufMetadata, OpaqueArray, type MetadataValue } from '../../../src/inference/gguf/metadata';

describe('GgufMetadata', () => {
  const values: Record<string, MetadataValue> = {
    text: 'hello',
    count: 3,
    huge: 2n ** 60n,
    flag: false,
    words: ['a', 'b'],
    ids: new Int32Array([1, -2]),
    flags: new OpaqueArray('booleans', 2),
  };
  const metadata = new GgufMetadata(new Map(Object.entries(values)));
  /** Getter, what it calls its type, and the one key that has it. */
  const getters = [
    ['string', 'a string', 'text'],
    ['number', 'a number', 'count'],
    ['boolean', 'a boolean', 'flag'],
    ['strings', 'an array of strings', 'words'],
    ['numbers', 'an array of numbers', 'ids'],
  ] as const;
  const optional = {
    string: (key: string) => metadata.optionalString(key),
    number: (key: string) => metadata.optionalNumber(key),
    boolean: (key: string) => metadata.optionalBoolean(key),
    strings: (key: string) => metadata.optionalStrings(key),
    numbers: (key: string) => metadata.optionalNumbers(key),
  };
  const described: Record<string, string> = {
    text: 'a string',
    count: 'a number',
    huge: 'an integer beyond 2^53',
    flag: 'a boolean',
    words: 'an array of strings',
    ids: 'an array of numbers',
    flags: 'an array of booleans',
  };

  for (const [getter, wanted, rightKey] of getters) {
    it(`${getter} gives the value of its type and names the key otherwise`, () => {
      assert.deepEqual(metadata[getter](rightKey), values[rightKey]);
      assert.deepEqual(optional[getter](rightKey), values[rightKey]);
      for (const key of Object.keys(values).filter((other) => other !== rightKey)) {
        const error = {
          code: 'model-corrupt',
          message: `The model file’s metadata "${key}" is ${described[key]} instead of ${wanted}.`,
          detail: { key, found: described[key] },
        };
        assert.throws(() => metadata[getter](key), error);
        assert.throws(() => optional[getter](key), error);
      }
    });

    it(`${getter} needs the key, its optional form does not`, () => {
      assert.throws(() => metadata[getter]('nowhere'), {
        code: 'model-corrupt',
        message: 'The model file lacks the metadata "nowhere".',
        detail: { key: 'nowhere' },
      });
      assert.equal(optional[getter]('nowhere'), undefined);
    });
  }

  it('knows which keys are there', () => {
    assert.equal(metadata.has('flag'), true);
    assert.equal(metadata.has('nowhere'), false);
    assert.equal(metadata.has('toString'), false);
  });
});
