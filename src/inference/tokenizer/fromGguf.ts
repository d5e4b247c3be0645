import type { GgufMetadata } from '../gguf/metadata';
import { checkTokenizer } from './checkTokenizer';
import { createTokenizer, type Tokenizer } from './tokenizer';

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
