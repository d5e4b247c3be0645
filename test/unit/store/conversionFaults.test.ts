import assert from 'node:assert/strict';
import { readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Variant } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { openConvertedModel } from '../../../src/inference/store/convertedModel';
import type { FileLayer } from '../../../src/inference/store/fileLayer';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { startTestProcess } from '../../support/childProcess';
import { eachOf } from '../../support/eachOf';
import { expireLocks } from '../../support/expireLock';
import { faultyFiles, isWrite, type Fault } from '../../support/faultyFiles';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

describe('a conversion under faults of the disk', function () {
  // Ten times what it takes on an idle machine of two processors.
  this.timeout(600_000);

  /** Opens the model in a folder as the engine does. @returns its files' content */
  async function open(cacheDir: string, variant: Variant, files?: FileLayer) {
    const layer = files === undefined ? {} : { files };
    const sha256 = await weightsIdentity(TINY_TIED, cacheDir, layer);
    const source = await readGguf(TINY_TIED);
    const { modelFile, maxPositions } = await openConvertedModel({
      source,
      sha256,
      variant,
      cacheDir,
      ...layer,
    });
    assert.equal(dirname(dirname(modelFile)), cacheDir);
    return {
      sha256,
      maxPositions,
      graph: await readFile(modelFile),
      data: await readFile(`${modelFile}.data`),
    };
  }

  /** What a conversion without faults gives, and the calls that it makes. */
  async function undisturbed(variant: Variant) {
    const folder = await temporaryFolder();
    try {
      const { files, calls } = faultyFiles();
      return { good: await open(folder.path, variant, files), calls };
    } finally {
      await folder.remove();
    }
  }

  /** A folder that something happened to serves the right files at the next start, and is tidy again. */
  async function assertSound(cacheDir: string, variant: Variant, good: object, when: string): Promise<void> {
    await expireLocks(cacheDir);
    assert.deepEqual(await open(cacheDir, variant), good, when);
    const left = (await readdir(cacheDir)).filter((name) => name.startsWith('.converting-'));
    assert.deepEqual(left, [], when);
  }

  /** Runs a conversion with a fault; it succeeds all the same, or fails with a code. */
  async function withFault(variant: Variant, good: object, fault: Fault): Promise<void> {
    const folder = await temporaryFolder();
    const when = `${fault.what} at call ${fault.at}`;
    try {
      const { files } = faultyFiles(fault);
      await open(folder.path, variant, files).then(
        (found) => assert.deepEqual(found, good, when),
        (error: unknown) => {
          assert.ok(error instanceof EngineError, `${when}: ${String(error)}`);
          assert.ok(['io', 'disk-full', 'converted-corrupt'].includes(error.code), `${when}: ${error.code}`);
        },
      );
      await assertSound(folder.path, variant, good, when);
    } finally {
      await folder.remove();
    }
  }

  it('fails with a code or succeeds, whichever call fails, and works at the next start', async () => {
    const codes = ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EPERM'] as const;
    const { good, calls } = await undisturbed('exact');
    assert.ok(calls.length > 100);
    await eachOf(calls.length, (at) =>
      withFault('exact', good, { at, what: codes[at % codes.length] ?? 'EIO' }),
    );
  });

  for (const what of ['ENOSPC', 'EROFS'] as const) {
    it(`says what is wrong when from some call on every write gives ${what}`, async () => {
      const { good, calls } = await undisturbed('fast');
      const writes = calls.filter(isWrite).length;
      await eachOf(Math.floor(writes / 4), async (number) => {
        const fault: Fault = { at: number * 4, what, forGood: true, only: isWrite };
        const folder = await temporaryFolder();
        try {
          const { files } = faultyFiles(fault);
          const code = what === 'ENOSPC' ? 'disk-full' : 'io';
          await assert.rejects(
            open(folder.path, 'fast', files),
            (error: unknown) => error instanceof EngineError && error.code === code,
          );
          await assertSound(folder.path, 'fast', good, `${what} from write ${fault.at} on`);
        } finally {
          await folder.remove();
        }
      });
    });
  }

  it('leaves a folder that works when its process is killed at any call', async () => {
    const { good, calls } = await undisturbed('fast');
    let killed = 0;
    await eachOf(calls.length, async (at) => {
      const folder = await temporaryFolder();
      try {
        const child = startTestProcess('unit/store/conversionChild', [TINY_TIED, folder.path, String(at)]);
        const { signal, code, output } = await child.ended;
        assert.equal(signal ?? `${code} ${output}`, 'SIGKILL', `call ${at}`);
        killed++;
        await assertSound(folder.path, 'fast', good, `killed at call ${at}, ${calls[at]}`);
      } finally {
        await folder.remove();
      }
    });
    assert.equal(killed, calls.length);
  });

  it('opens what is there on a disk that cannot be written to at all', async () => {
    const { good } = await undisturbed('exact');
    const folder = await temporaryFolder();
    try {
      await open(folder.path, 'exact');
      const { files } = faultyFiles({ at: 0, what: 'EROFS', forGood: true, only: isWrite });
      assert.deepEqual(await open(folder.path, 'exact', files), good);
      // Not even the memory of the sum is needed.
      for (const name of await readdir(folder.path)) {
        if (name.startsWith('identity-')) await rm(join(folder.path, name));
      }
      assert.equal((await open(folder.path, 'exact', files)).sha256, good.sha256);
    } finally {
      await folder.remove();
    }
  });
});
