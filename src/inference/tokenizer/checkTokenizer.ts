/** Whether a tokenizer can be built, found out in no time and without the library that builds it. */
import { EngineError } from '../errors';
import { quoted } from '../gguf/ggufErrors';
import type { GgufMetadata } from '../gguf/metadata';

/** ggml's name for byte-level BPE. */
const BYTE_LEVEL_BPE = 'gpt2';
const SUPPORTED_PRE_TOKENIZER = 'qwen2';

/** @throws EngineError `model-unsupported` for another kind of tokenizer, `model-corrupt` where the file does not say */
export function checkTokenizer(metadata: GgufMetadata): void {
  const model = metadata.string('tokenizer.ggml.model');
  if (model !== BYTE_LEVEL_BPE) {
    throw new EngineError('model-unsupported', 'The model uses another kind of tokenizer.', {
      model: quoted(model),
    });
  }
  requirePreTokenizer(metadata.string('tokenizer.ggml.pre'));
}

/** @throws EngineError `model-unsupported` for another way to cut text into words than Qwen2's */
export function requirePreTokenizer(pre: string): void {
  if (pre === SUPPORTED_PRE_TOKENIZER) return;
  throw new EngineError(
    'model-unsupported',
    `The model cuts text into words in another way than Qwen2 does (pre-tokenizer ${quoted(pre)}).`,
    { pre: quoted(pre) },
  );
}
