import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { NODE_FILES, type FileLayer } from '../../../src/inference/store/fileLayer';
import { inspectModelFile } from '../../../src/inference/store/inspectModelFile';
import { temporaryFolder, TINY_TIED, TINY_UNTIED } from '../../support/tinyModel';
import { buildTiny, encode, tinyQwen2, type TinyQwen2 } from '../gguf/ggufBuilder';

describe('inspectModelFile', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'model.gguf');
  });
  afterEach(() => folder.remove());

  /** Writes a small model after a change. */
  async function make(change: (model: TinyQwen2) => void = () => undefined): Promise<string> {
    const model = tinyQwen2();
    model.metadata.set('tokenizer.ggml.model', encode.string('gpt2'));
    model.metadata.set('tokenizer.ggml.pre', encode.string('qwen2'));
    change(model);
    await writeFile(path, buildTiny(model));
    return path;
  }
  const refused = (code: string, message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

  it('says what a file is and what it needs', async () => {
    const facts = await inspectModelFile(await make());
    const { needs, bytes, ...said } = facts;
    assert.deepEqual(said, {
      path,
      name: 'Tiny',
      architecture: 'qwen2',
      parameters: 64 * (40 + 40 + 1) + 2 * (64 * (64 + 32 + 32 + 64 + 3 * 96) + 128 + 128),
      quantisation: 'Q5_0',
      contextLength: 256,
    });
    assert.equal(bytes, (await readFile(path)).length);
    assert.ok(needs.exact.diskBytes > 0 && needs.exact.memoryBytes > needs.exact.diskBytes);
  });

  it('calls the quantisation what its makers call it', async () => {
    const named = await make(({ metadata }) => metadata.set('general.file_type', encode.uint32(15)));
    assert.equal((await inspectModelFile(named)).quantisation, 'Q4_K_M');
    for (const tiny of [TINY_TIED, TINY_UNTIED]) {
      assert.match((await inspectModelFile(tiny)).quantisation, /^(F|Q)\d/);
    }
  });

  it('needs more memory for a longer context', async () => {
    const of = async (contextTokens: number) =>
      (await inspectModelFile(TINY_TIED, { contextTokens })).needs.fast.memoryBytes;
    assert.ok((await of(4096)) > (await of(2048)));
  });

  const refusals: Record<string, [(model: TinyQwen2) => void, string, RegExp]> = {
    'another architecture': [
      ({ metadata }) => metadata.set('general.architecture', encode.string('llama')),
      'model-unsupported',
      /"llama"/,
    ],
    'a split file': [
      ({ metadata }) => metadata.set('split.count', encode.uint32(2)),
      'model-unsupported',
      /split into 2 files/,
    ],
    'another kind of tokenizer': [
      ({ metadata }) => metadata.set('tokenizer.ggml.model', encode.string('llama')),
      'model-unsupported',
      /another kind of tokenizer/,
    ],
    'another pre-tokenizer': [
      ({ metadata }) => metadata.set('tokenizer.ggml.pre', encode.string('deepseek-coder')),
      'model-unsupported',
      /"deepseek-coder"/,
    ],
    'a bias of a type that it cannot have': [
      ({ tensors }) => tensors.set('blk.0.attn_q.bias', { shape: [64], type: 'Q8_0' }),
      'model-unsupported',
      /attn_q\.bias has the type Q8_0/,
    ],
  };
  for (const [name, [change, code, message]] of Object.entries(refusals)) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(inspectModelFile(await make(change)), refused(code, message));
    });
  }

  it('refuses what is missing, cut off, or no GGUF', async () => {
    await assert.rejects(inspectModelFile(path), refused('model-missing', /./));
    await make();
    await truncate(path, (await readFile(path)).length - 100);
    await assert.rejects(inspectModelFile(path), refused('model-corrupt', /incomplete/));
    await writeFile(path, '<html>');
    await assert.rejects(inspectModelFile(path), refused('model-corrupt', /web page/));
  });

  it('refuses what the machine has not the memory for', async () => {
    await assert.rejects(
      inspectModelFile(await make(), { totalMemoryBytes: 150e6 }),
      refused('out-of-memory', /about 0\.2 GB of memory; this machine has 0\.1 GB|has 0\.2 GB/),
    );
  });

  it('refuses what the disk has no room for, without making the folder', async () => {
    const convertedDir = join(folder.path, 'not', 'yet');
    const asked: string[] = [];
    const files = (megabytes: number): FileLayer => ({
      ...NODE_FILES,
      statfs: async (at) => {
        asked.push(at);
        return { bavail: megabytes, bsize: 1e6 };
      },
    });
    await make();
    await inspectModelFile(path, { convertedDir, files: files(300) });
    await assert.rejects(
      inspectModelFile(path, { convertedDir, files: files(200) }),
      refused('disk-full', /converting the model needs/),
    );
    assert.deepEqual(asked, [folder.path, folder.path]);
    assert.equal(existsSync(convertedDir), false);
  });
});
