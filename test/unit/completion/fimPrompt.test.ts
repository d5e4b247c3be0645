import assert from 'node:assert/strict';
import { setUp } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

describe('the request for a place', () => {
  for (const keepSuffix of [true, false]) {
    it(`${keepSuffix ? 'accepts' : 'refuses'} a kept suffix as the options say`, async () => {
      const { engine, completer } = setUp({ debounceMs: 0, keepSuffix });
      void completer.complete(parse('x = █\ny = 2\n'), 'explicit');
      await settle();
      assert.equal(engine.last.request.keepSuffix === true, keepSuffix);
      await engine.last.done();
    });
  }
});
