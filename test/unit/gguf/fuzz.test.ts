/** A short run of the fuzzer, and that it would notice. The long one: `npm run fuzz`. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { checkCase, readAsEngine, Violation, type ReadFile } from '../../fuzz/checkCase';
import { DENSE_FILES } from '../../fuzz/dense';
import { denseRun, readBounded } from '../../fuzz/denseRun';
import { fuzzFile, fuzzRun } from '../../fuzz/fuzzRun';
import { loadSeeds } from '../../fuzz/seeds';
import { temporaryFolder } from '../../support/tinyModel';

const SEED = 20_240_917;
const CASES = 4000;

describe('a model file with whatever damage', function () {
  this.timeout(120_000);

  it(`is read or refused with a typed error, in bounded memory: ${CASES} cases`, async () => {
    const { cases, outcomes, checks, violations, measured } = await fuzzRun({
      seed: SEED,
      from: 0,
      to: CASES,
    });
    assert.deepEqual(violations, []);
    assert.equal(cases, CASES);
    // That the cases get past the first checks, and that some are sound.
    assert.ok(Object.keys(checks).length > 50, `only ${Object.keys(checks).length} different answers`);
    assert.ok((outcomes['accepted'] ?? 0) > CASES / 200, JSON.stringify(outcomes));
    assert.ok((outcomes['model-unsupported'] ?? 0) > CASES / 100, JSON.stringify(outcomes));
    assert.ok(measured > CASES / 2, `only ${measured} cases have told what they allocate`);
  });

  it('needs no more memory at a time than ten times its size, however dense', async () => {
    const results = await denseRun();
    assert.equal(results.length, Object.keys(DENSE_FILES).length);
    const vocabulary = results.find(({ name }) => name === 'a large vocabulary of short tokens');
    assert.equal(vocabulary?.outcome, 'accepted');
  });

  it('is the same for the same seed and number', () => {
    const seeds = loadSeeds();
    const again = loadSeeds();
    for (const index of [0, 1, 2, 3, 999, 123_456]) {
      assert.ok(fuzzFile(seeds, 7, index).equals(fuzzFile(again, 7, index)), `case ${index}`);
    }
    assert.ok(!fuzzFile(seeds, 7, 1).equals(fuzzFile(seeds, 8, 1)));
  });
});

describe('the fuzzer', () => {
  /** Readers as they must not be. */
  const faulty: Record<string, [ReadFile, RegExp]> = {
    'throws something else': [
      () => Promise.reject(new TypeError('x is undefined')),
      /not a typed error: TypeError: x is undefined/,
    ],
    'throws a code that is no verdict on the file': [
      () => Promise.reject(new EngineError('internal', 'oops')),
      /code internal/,
    ],
    'says what cannot be shown': [
      () => Promise.reject(new EngineError('model-corrupt', 'a\nb')),
      /cannot be shown/,
    ],
    'believes a length': [
      async () => {
        const believed = new Uint8Array(64 * 1024 * 1024);
        throw new EngineError('model-corrupt', `${believed.length}`);
      },
      /bytes allocated for a file of/,
    ],
    'reads the file again and again': [
      async (source) => {
        const window = new Uint8Array(1024 * 1024);
        for (let i = 0; i < 64; i++) await source.read(window, 0);
      },
      /bytes asked of a file of/,
    ],
  };
  for (const [what, [read, message]] of Object.entries(faulty)) {
    it(`notices a reader that ${what}`, async () => {
      await assert.rejects(checkCase(Buffer.from('GGUF'), read), (error: unknown) => {
        assert.ok(error instanceof Violation);
        assert.match(error.message, message);
        return true;
      });
      const { violations } = await fuzzRun({ seed: 1, from: 0, to: 3, read });
      // A collection of garbage in the middle of a case hides what it has allocated.
      assert.ok(violations.length >= 2, `${violations.length} of 3`);
    });
  }

  it('tells a sound file from one that is cut', async () => {
    const [{ bytes }] = loadSeeds();
    assert.equal((await checkCase(bytes)).outcome, 'accepted');
    assert.equal((await checkCase(bytes.subarray(0, bytes.length - 64))).outcome, 'model-corrupt');
  });

  it('notices a reader that holds too much at a time', async () => {
    const folder = await temporaryFolder();
    try {
      const hoarder = join(folder.path, 'hoarder.js');
      await writeFile(
        hoarder,
        `const kept = [];
         const { workerData, parentPort } = require('node:worker_threads');
         for (let i = 0; i < workerData.length; i++) kept.push({ byte: workerData[i] });
         parentPort.postMessage({ outcome: String(kept.length), bufferBytes: 0 });`,
      );
      await assert.rejects(readBounded(new Uint8Array(4 * 1024 * 1024), hoarder), {
        code: 'ERR_WORKER_OUT_OF_MEMORY',
      });
    } finally {
      await folder.remove();
    }
  });

  it('reads as the engine does', async () => {
    await assert.rejects(
      readAsEngine({ size: 4, read: async () => 0 }, 4),
      (error: unknown) => error instanceof EngineError && error.code === 'model-corrupt',
    );
  });
});
