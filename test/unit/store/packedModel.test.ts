/** Converted files that the native library has written once more, with the matrices in its own layout. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Variant } from '../../../src/inference/engine';
import { readModelConfig } from '../../../src/inference/gguf/modelConfig';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { KvCache } from '../../../src/inference/session/kvCache';
import { openDecoderGraph } from '../../../src/inference/session/openDecoderGraph';
import { packModel } from '../../../src/inference/session/packModel';
import { kvCacheShape } from '../../../src/inference/session/session';
import { openConvertedModel, type ConvertedModelRequest } from '../../../src/inference/store/convertedModel';
import { NODE_FILES, type FileLayer } from '../../../src/inference/store/fileLayer';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';

describe('a packed model', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => void (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  const open = async (
    name: string,
    variant: Variant,
    pack?: ConvertedModelRequest['pack'],
    files?: FileLayer,
  ): Promise<{ modelFile: string; convertMs: number }> => {
    const cacheDir = join(folder.path, name);
    const sha256 = await weightsIdentity(TINY_TIED, cacheDir);
    const source = await readGguf(TINY_TIED);
    return openConvertedModel({
      source,
      sha256,
      variant,
      cacheDir,
      ...(pack && { pack }),
      ...(files && { files }),
    });
  };

  /** Of the last of some tokens. */
  const logits = async (modelFile: string, variant: Variant): Promise<Float32Array> => {
    const source = await readGguf(TINY_TIED);
    const config = readModelConfig(source);
    const graph = await openDecoderGraph(source, config, variant, modelFile, 1);
    try {
      const ids = Array.from({ length: 24 }, (_, index) => (index * 37) % config.vocabSize);
      const cache = new KvCache(kvCacheShape(config, 64));
      const output = await graph.run({ ids, rows: [ids.length - 1], fullLogits: true }, cache);
      return output.logits as Float32Array;
    } finally {
      await graph.release();
    }
  };

  for (const variant of ['fast', 'fast7'] as const) {
    it(`computes what the files as converted compute (${variant})`, async () => {
      const plain = await open('plain', variant);
      const packed = await open('packed', variant, packModel);
      assert.ok((await stat(`${packed.modelFile}.data`)).size > (await stat(`${plain.modelFile}.data`)).size);
      assert.ok((await readFile(packed.modelFile)).includes('prepacked_0'));
      assert.deepEqual(await logits(packed.modelFile, variant), await logits(plain.modelFile, variant));
      assert.equal((await open('packed', variant, packModel)).convertMs, 0);
      assert.deepEqual((await readdir(dirname(packed.modelFile))).sort(), [
        'manifest.json',
        'model.onnx',
        'model.onnx.data',
      ]);
    });
  }

  it('computes the same where the layout is that of another processor', async () => {
    const { modelFile } = await open('packed', 'fast', packModel);
    const expected = await logits(modelFile, 'fast');
    const text = (await readFile(modelFile)).toString('latin1');
    // The library takes its own layout by a hash of it; with another one the bytes are none of its business.
    const other = text.replace(
      /(MatMulIntegerToFloat\+)(\d)/g,
      (_, name: string, digit: string) => `${name}${(Number(digit) % 9) + 1}`,
    );
    assert.notEqual(other, text);
    await writeFile(modelFile, Buffer.from(other, 'latin1'));
    const data = await readFile(`${modelFile}.data`);
    for (const [, offset, length] of other.matchAll(/MatMulIntegerToFloat\+\d+\|(\d+);(\d+);/g)) {
      data.fill(0x55, Number(offset), Number(offset) + Number(length));
    }
    await writeFile(`${modelFile}.data`, data);
    assert.deepEqual(await logits(modelFile, 'fast'), expected);
  });

  it('is used as converted where packing would change what it computes', async () => {
    // The runtime writes block-wise matrices in a way that it cannot read.
    const plain = await open('plain', 'exact');
    const { modelFile } = await open('packed', 'exact', packModel);
    assert.deepEqual(await readFile(`${modelFile}.data`), await readFile(`${plain.modelFile}.data`));
    assert.deepEqual(await logits(modelFile, 'exact'), await logits(plain.modelFile, 'exact'));
  });

  it('is used as converted where there is no room for packing', async () => {
    const plain = await open('plain', 'fast');
    let asked = 0;
    // Enough before the conversion, and nothing left behind it.
    const free = [1e12];
    const statfs = () => Promise.resolve({ bavail: free.shift() ?? 0, bsize: 1 });
    const files = { ...NODE_FILES, statfs };
    const { modelFile } = await open('full', 'fast', () => Promise.resolve(void asked++), files);
    assert.equal(asked, 0);
    assert.deepEqual(await readFile(`${modelFile}.data`), await readFile(`${plain.modelFile}.data`));
  });

  it('is used as converted where packing fails, and nothing of the attempt is left', async () => {
    const plain = await open('plain', 'fast');
    const { modelFile } = await open('failed', 'fast', async (_, packedFile) => {
      await writeFile(packedFile, 'half');
      throw new Error('no space left');
    });
    assert.deepEqual(await readFile(modelFile), await readFile(plain.modelFile));
    assert.deepEqual(await readFile(`${modelFile}.data`), await readFile(`${plain.modelFile}.data`));
    assert.deepEqual((await readdir(dirname(modelFile))).length, 3);
  });
});
