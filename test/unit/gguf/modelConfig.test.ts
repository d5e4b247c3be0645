import assert from 'node:assert/strict';
import { readModelConfig, type ModelConfig } from '../../../src/inference/gguf/modelConfig';
import { parseGguf } from '../../../src/inference/gguf/readGguf';
import type { TensorType } from '../../../src/inference/gguf/types';
import { buildTiny, encode, memorySource, tinyQwen2, type EncodedValue, type TinyQwen2 } from './ggufBuilder';

/** The configuration of the tiny model after `change`. */
async function configAfter(change: (model: TinyQwen2) => void): Promise<ModelConfig> {
  const model = tinyQwen2();
  change(model);
  const bytes = buildTiny(model);
  return readModelConfig({
    path: 'tiny.gguf',
    size: bytes.length,
    ...(await parseGguf(memorySource(bytes))),
  });
}

const set = (key: string, value: EncodedValue) => (model: TinyQwen2) => void model.metadata.set(key, value);
const drop = (key: string) => (model: TinyQwen2) => void model.metadata.delete(key);
const reshape =
  (name: string, shape: number[], type: TensorType = 'F32') =>
  (model: TinyQwen2) =>
    void model.tensors.set(name, { shape, type });

describe('readModelConfig', () => {
  it('reads a qwen2 model', async () => {
    assert.deepEqual(await configAfter(() => undefined), {
      architecture: 'qwen2',
      name: 'Tiny',
      blockCount: 2,
      hiddenSize: 64,
      headCount: 4,
      kvHeadCount: 2,
      headDim: 16,
      feedForwardSize: 96,
      vocabSize: 40,
      contextLength: 256,
      rmsEpsilon: 2 ** -20,
      ropeTheta: 1_000_000,
      tiedEmbeddings: false,
    });
  });

  it('takes an absent output matrix for a tied one', async () => {
    const config = await configAfter(({ tensors }) => void tensors.delete('output.weight'));
    assert.equal(config.tiedEmbeddings, true);
  });

  it('fills in what the format lets a file leave out', async () => {
    assert.equal((await configAfter(drop('qwen2.rope.freq_base'))).ropeTheta, 10_000);
    const unnamed = await configAfter((model) => {
      drop('general.name')(model);
      set('general.basename', encode.string('Base'))(model);
      drop('tokenizer.ggml.tokens')(model);
    });
    assert.equal(unnamed.name, 'Base');
    assert.equal((await configAfter(drop('general.name'))).name, 'qwen2 model');
    const fullHeads = await configAfter((model) => {
      drop('qwen2.attention.head_count_kv')(model);
      for (const block of ['blk.0', 'blk.1']) {
        for (const part of ['attn_k', 'attn_v']) {
          reshape(`${block}.${part}.weight`, [64, 64])(model);
          reshape(`${block}.${part}.bias`, [64])(model);
        }
      }
    });
    assert.equal(fullHeads.kvHeadCount, 4);
  });

  it('takes norms and biases in half precision, and matrices in any type', async () => {
    await configAfter((model) => {
      reshape('output_norm.weight', [64], 'F16')(model);
      reshape('blk.1.attn_q.bias', [64], 'F16')(model);
      reshape('blk.1.attn_q.weight', [64, 64], 'F16')(model);
      reshape('output.weight', [40, 64], 'F32')(model);
    });
  });

  it('takes metadata that only states the usual', async () => {
    await configAfter((model) => {
      set('qwen2.rope.scaling.type', encode.string('none'))(model);
      set('qwen2.rope.scaling.factor', encode.float32(1))(model);
      set('qwen2.rope.dimension_count', encode.uint32(16))(model);
      set('qwen2.attention.key_length', encode.uint32(16))(model);
      set('qwen2.vocab_size', encode.uint32(40))(model);
      set('split.count', encode.uint16(1))(model);
    });
  });

  const unsupported: [string, (model: TinyQwen2) => void, RegExp][] = [
    [
      'another architecture',
      set('general.architecture', encode.string('llama')),
      /runs Qwen2 and Qwen2\.5 models .* architecture "llama"\.$/,
    ],
    [
      'rope scaling',
      set('qwen2.rope.scaling.type', encode.string('yarn')),
      /scales its rotary positions \("yarn"\)/,
    ],
    [
      'an untyped scaling factor',
      set('qwen2.rope.scaling.factor', encode.float32(4)),
      /qwen2\.rope\.scaling\.factor 4/,
    ],
    [
      'an old scaling factor',
      set('qwen2.rope.scale_linear', encode.float32(2)),
      /qwen2\.rope\.scale_linear 2/,
    ],
    ['part of a split model', set('split.count', encode.uint16(3)), /split into 3 files/],
    [
      'another head size',
      set('qwen2.attention.key_length', encode.uint32(32)),
      /attention\.key_length is 32; this engine needs it to be 16/,
    ],
    ['partial rotation', set('qwen2.rope.dimension_count', encode.uint32(8)), /rope\.dimension_count is 8/],
    [
      'an unknown tensor',
      reshape('blk.0.attn_output.bias', [64]),
      /does not know: "blk\.0\.attn_output\.bias"/,
    ],
    [
      'tensors of a further block',
      reshape('blk.2.attn_norm.weight', [64]),
      /does not know: "blk\.2\.attn_norm\.weight"/,
    ],
    [
      'a quantised norm',
      reshape('blk.1.ffn_norm.weight', [64], 'Q8_0'),
      /blk\.1\.ffn_norm\.weight has the type Q8_0; this engine needs F32 or F16/,
    ],
  ];
  for (const [what, change, message] of unsupported) {
    it(`does not run ${what}`, () =>
      assert.rejects(configAfter(change), { name: 'EngineError', code: 'model-unsupported', message }));
  }

  const numbers: [string, number[]][] = [
    ['qwen2.block_count', [0, 257, 1.5]],
    ['qwen2.embedding_length', [0, 32_769, 63.5]],
    ['qwen2.attention.head_count', [0, 257, -4]],
    ['qwen2.attention.head_count_kv', [0, 257]],
    ['qwen2.feed_forward_length', [0, 131_073]],
    ['qwen2.context_length', [0, 8_388_609]],
    ['qwen2.attention.layer_norm_rms_epsilon', [0, -1e-6, 0.5, NaN]],
    ['qwen2.rope.freq_base', [0, -1, Infinity, NaN]],
  ];
  for (const [key, values] of numbers) {
    it(`refuses an implausible ${key}`, async () => {
      for (const value of values) {
        const message = new RegExp(`its ${key.replaceAll('.', '\\.')} is ${value}; above 0 and at most`);
        await assert.rejects(configAfter(set(key, encode.float64(value))), {
          code: 'model-corrupt',
          message,
        });
      }
    });
  }

  it('needs each number that the format has no default for', async () => {
    const defaulted = ['qwen2.attention.head_count_kv', 'qwen2.rope.freq_base'];
    for (const key of ['general.architecture', ...numbers.map(([name]) => name)]) {
      if (defaulted.includes(key)) continue;
      await assert.rejects(configAfter(drop(key)), {
        code: 'model-corrupt',
        message: `The model file lacks the metadata "${key}".`,
      });
    }
  });

  const corrupt: [string, (model: TinyQwen2) => void, RegExp][] = [
    [
      'heads that do not share the width',
      set('qwen2.attention.head_count', encode.uint32(6)),
      /6 heads do not share 64 values evenly/,
    ],
    [
      'heads of odd size',
      set('qwen2.attention.head_count', encode.uint32(64)),
      /64 heads do not share 64 values evenly/,
    ],
    [
      'KV heads that do not divide the heads',
      set('qwen2.attention.head_count_kv', encode.uint32(3)),
      /3 key-value heads do not divide 4 heads/,
    ],
    [
      'more KV heads than heads',
      set('qwen2.attention.head_count_kv', encode.uint32(8)),
      /8 key-value heads do not divide 4 heads/,
    ],
    [
      'a vocabulary of another length',
      set('tokenizer.ggml.tokens', encode.strings(['a'])),
      /1 tokens, but the embedding has 40 rows/,
    ],
    [
      'another stated vocabulary size',
      set('qwen2.vocab_size', encode.uint32(41)),
      /41 tokens, but the embedding has 40 rows/,
    ],
    [
      'fewer blocks in the tensors',
      set('qwen2.block_count', encode.uint32(3)),
      /lacks the tensor blk\.2\.attn_norm\.weight/,
    ],
    [
      'another width in the tensors',
      set('qwen2.embedding_length', encode.uint32(128)),
      /token_embd\.weight has the shape \[40, 64\] instead of \[40, 128\]/,
    ],
    [
      'a turned matrix',
      reshape('blk.0.ffn_down.weight', [96, 64]),
      /ffn_down\.weight has the shape \[96, 64\] instead of \[64, 96\]/,
    ],
    [
      'a matrix for a bias',
      reshape('blk.0.attn_q.bias', [1, 64]),
      /attn_q\.bias has the shape \[1, 64\] instead of \[64\]/,
    ],
  ];
  for (const [what, change, message] of corrupt) {
    it(`refuses ${what}`, () =>
      assert.rejects(configAfter(change), { name: 'EngineError', code: 'model-corrupt', message }));
  }

  it('names any tensor that is missing or has a row too many', async () => {
    for (const [name, { shape, type }] of tinyQwen2().tensors) {
      if (name !== 'output.weight') {
        await assert.rejects(
          configAfter(({ tensors }) => void tensors.delete(name)),
          {
            code: 'model-corrupt',
            message: `The model file lacks the tensor ${name}.`,
          },
        );
      }
      const [rows = 0, ...columns] = shape;
      // The vocabulary's size is the embedding's own.
      const message =
        name === 'token_embd.weight'
          ? /40 tokens, but the embedding has 41 rows/
          : new RegExp(`tensor ${name} has the shape`);
      await assert.rejects(configAfter(reshape(name, [rows + 1, ...columns], type)), {
        code: 'model-corrupt',
        message,
      });
    }
  });
});
