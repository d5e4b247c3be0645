import { EngineError } from '../errors';
import type { GgufMetadata } from '../gguf/metadata';
import { createTokenizer, requirePreTokenizer, type Tokenizer } from './tokenizer';

/** ggml's name for byte-level BPE. */
const BYTE_LEVEL_BPE = 'gpt2';

/**
 * Checks in no time whether this is a tokenizer that can be built.
 *
 * @throws EngineError `model-unsupported` for another kind of tokenizer, `model-corrupt` where the file does not say
 */
export function checkTokenizer(metadata: GgufMetadata): void {
  const model = metadata.string('tokenizer.ggml.model');
  if (model !== BYTE_LEVEL_BPE) {
    throw new EngineError('model-unsupported', 'The model uses another kind of tokenizer.', { model });
  }
  requirePreTokenizer(metadata.string('tokenizer.ggml.pre'));
}

/**
 * Builds the tokenizer that a GGUF's metadata describes.
 *
 * @throws EngineError `model-unsupported` for another kind of tokenizer, `model-corrupt` for a damaged one
 */
export function tokenizerFromGguf(metadata: GgufMetadata): Tokenizer {
  checkTokenizer(metadata);
  return createTokenizer({
    tokens: metadata.strings('tokenizer.ggml.tokens'),
    merges: metadata.strings('tokenizer.ggml.merges'),
    tokenTypes: metadata.numbers('tokenizer.ggml.token_type'),
    pre: metadata.string('tokenizer.ggml.pre'),
  });
}
