/**
 * The models that the extension knows by name: where their publisher keeps the weights and what exactly those are.
 * Sizes and sums are of the published files; anything else that is downloaded under the name is refused.
 */
import { join } from 'node:path';

export interface CatalogueModel {
  /** Stable, used in settings and folders; never shown. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly hub: {
    readonly repo: string;
    /** Branch, tag or commit. The SHA-256 pins the content, so a branch is enough. */
    readonly revision: string;
    readonly file: string;
  };
  /** Size of the weights. */
  readonly bytes: number;
  /** SHA-256 of the weights, lower-case hex. */
  readonly sha256: string;
  /** SPDX identifier. */
  readonly licence: string;
}

const QWEN25_CODER_05B: CatalogueModel = {
  id: 'qwen2.5-coder-0.5b-instruct-q4_k_m',
  name: 'Qwen2.5-Coder 0.5B',
  hub: {
    repo: 'Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF',
    revision: 'main',
    file: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  },
  bytes: 491_400_064,
  sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
  licence: 'Apache-2.0',
};

/** All known models; the first is the one that is used unless a person chooses otherwise. */
export const CATALOGUE: readonly [CatalogueModel, ...CatalogueModel[]] = [QWEN25_CODER_05B];

/** The model that is used unless a person chooses otherwise. */
export const DEFAULT_MODEL: CatalogueModel = CATALOGUE[0];

/** The public hub of the publisher. */
export const DEFAULT_HUB_ENDPOINT = 'https://huggingface.co';

/** Path of a catalogue model's weights below the folder of weights. */
export function modelFile(modelsDir: string, model: CatalogueModel): string {
  return join(modelsDir, model.hub.file);
}
