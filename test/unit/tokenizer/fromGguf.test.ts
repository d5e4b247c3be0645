import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import { GgufMetadata, type MetadataValue } from '../../../src/inference/gguf/metadata';
import { tokenizerFromGguf } from '../../../src/inference/tokenizer/fromGguf';
import { smallVocab } from './smallVocab';

const vocab = smallVocab();

function metadata(changes: Record<string, MetadataValue | undefined> = {}): GgufMetadata {
  const values: Record<string, MetadataValue | undefined> = {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'qwen2',
    'tokenizer.ggml.tokens': vocab.tokens,
    'tokenizer.ggml.merges': vocab.merges,
    'tokenizer.ggml.token_type': Int32Array.from(vocab.tokenTypes),
    ...changes,
  };
  return new GgufMetadata(
    new Map(
      Object.entries(values).filter((entry): entry is [string, MetadataValue] => entry[1] !== undefined),
    ),
  );
}

const coded = (code: string) => (error: unknown) => error instanceof EngineError && error.code === code;

describe('tokenizerFromGguf', () => {
  it('builds the tokenizer that the metadata describes', () => {
    const tokenizer = tokenizerFromGguf(metadata());
    assert.equal(tokenizer.size, vocab.tokens.length);
    assert.deepEqual(tokenizer.encode('abc'), [0x61, vocab.tokens.indexOf('bc')]);
    assert.equal(tokenizer.specialId('fim_prefix'), vocab.tokens.indexOf('<|fim_prefix|>'));
  });

  it('refuses other kinds of tokenizer', () => {
    assert.throws(
      () => tokenizerFromGguf(metadata({ 'tokenizer.ggml.model': 'llama' })),
      coded('model-unsupported'),
    );
    assert.throws(
      () => tokenizerFromGguf(metadata({ 'tokenizer.ggml.pre': 'gpt-2' })),
      coded('model-unsupported'),
    );
  });

  for (const key of ['model', 'pre', 'tokens', 'merges', 'token_type']) {
    it(`refuses metadata without tokenizer.ggml.${key}, or with a number there`, () => {
      for (const value of [undefined, 7]) {
        const damaged = metadata({ [`tokenizer.ggml.${key}`]: value });
        assert.throws(() => tokenizerFromGguf(damaged), coded('model-corrupt'));
      }
    });
  }
});
