/**
 * The models that the extension knows by name: where their publisher keeps the weights, what exactly those are, under
 * which licence, and what they need. Anything else that is downloaded under the name is refused.
 */
import { join } from 'node:path';
import type { Variant } from '../engine';
import { parameterCount, variantNeeds, type ModelDimensions, type VariantNeeds } from './modelNeeds';

export interface Licence {
  /** SPDX identifier where there is one, else the name that the publisher gives it. */
  readonly name: string;
  readonly isSpdx: boolean;
  /** Where the publisher keeps its text. */
  readonly url: string;
  /** It allows less than open-source licences do: its text is to be shown and agreed to before a download. */
  readonly needsAgreement: boolean;
  /** What a person has to know of it in a sentence or two; for the licences that need an agreement. */
  readonly summary?: string;
}

export interface CatalogueModel {
  /** Stable, used in settings and folders; never shown. */
  readonly id: string;
  /** Short names that a person may type, such as `0.5b`. */
  readonly aliases: readonly string[];
  /** For people. */
  readonly name: string;
  readonly hub: {
    readonly repo: string;
    /** Branch, tag or commit. The SHA-256 pins the content, so a branch is enough. */
    readonly revision: string;
    readonly file: string;
  };
  /** Size of the weights; about, where `sha256` is absent. */
  readonly bytes: number;
  /**
   * SHA-256 of the weights, lower-case hex. Absent: *pinned at download*, that is, the publisher tells it before the
   * download, what arrives must have it, and from then on it is held to.
   */
  readonly sha256?: string;
  readonly licence: Licence;
  readonly dimensions: ModelDimensions;
  /** Weights of the GGUF, the head included where the file holds one. */
  readonly parameters: number;
  /** Converted files and memory, for each variant. The GGUF stays beside them. */
  readonly needs: Readonly<Record<Variant, VariantNeeds>>;
}

/** A model whose size and sum are known in advance. */
export type PublishedModel = CatalogueModel & { readonly sha256: string };

/** Where Qwen keeps the Q4_K_M file of an Instruct model, and what all of those have in common. */
function qwenCoder(
  size: '0.5B' | '1.5B' | '3B' | '7B',
  bytes: number,
  dimensions: Omit<ModelDimensions, 'contextLength' | 'tiedEmbeddings'>,
): CatalogueModel {
  const repo = `Qwen/Qwen2.5-Coder-${size}-Instruct-GGUF`;
  const id = `qwen2.5-coder-${size.toLowerCase()}-instruct-q4_k_m`;
  // Trained on 32,768 tokens. The GGUFs hold the head as a matrix of its own in every size.
  const all: ModelDimensions = { ...dimensions, contextLength: 32_768, tiedEmbeddings: false };
  const needs = (variant: Variant): VariantNeeds => variantNeeds(all, variant);
  return {
    id,
    aliases: [size.toLowerCase()],
    name: `Qwen2.5-Coder ${size}`,
    hub: { repo, revision: 'main', file: `${id}.gguf` },
    bytes,
    licence: {
      name: 'Apache-2.0',
      isSpdx: true,
      url: `https://huggingface.co/${repo}/blob/main/LICENSE`,
      needsAgreement: false,
    },
    dimensions: all,
    parameters: parameterCount(all),
    needs: { fast: needs('fast'), fast7: needs('fast7'), exact: needs('exact') },
  };
}

const QWEN25_CODER_05B: PublishedModel = {
  ...qwenCoder('0.5B', 491_400_064, {
    blockCount: 24,
    hiddenSize: 896,
    headDim: 64,
    kvHeadCount: 2,
    feedForwardSize: 4864,
    vocabSize: 151_936,
  }),
  sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
};

const QWEN25_CODER_15B: PublishedModel = {
  ...qwenCoder('1.5B', 1_117_320_768, {
    blockCount: 28,
    hiddenSize: 1536,
    headDim: 128,
    kvHeadCount: 2,
    feedForwardSize: 8960,
    vocabSize: 151_936,
  }),
  sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
};

const THREE_B = qwenCoder('3B', 2_100_000_000, {
  blockCount: 36,
  hiddenSize: 2048,
  headDim: 128,
  kvHeadCount: 2,
  feedForwardSize: 11_008,
  vocabSize: 151_936,
});

const QWEN25_CODER_3B: CatalogueModel = {
  ...THREE_B,
  licence: {
    ...THREE_B.licence,
    name: 'Qwen Research License',
    isSpdx: false,
    needsAgreement: true,
    summary:
      'For research, evaluation and other non-commercial use only; commercial use needs a licence of its own from the publisher.',
  },
};

/** The publisher offers this size in one file and in two parts; this is the one file. */
const QWEN25_CODER_7B: CatalogueModel = qwenCoder('7B', 4_680_000_000, {
  blockCount: 28,
  hiddenSize: 3584,
  headDim: 128,
  kvHeadCount: 4,
  feedForwardSize: 18_944,
  vocabSize: 152_064,
});

/** The model that is used unless a person chooses otherwise. */
export const DEFAULT_MODEL: PublishedModel = QWEN25_CODER_05B;

/** All known models, the smallest first. */
export const CATALOGUE: readonly CatalogueModel[] = [
  QWEN25_CODER_05B,
  QWEN25_CODER_15B,
  QWEN25_CODER_3B,
  QWEN25_CODER_7B,
];

/** The public hub of the publisher. */
export const DEFAULT_HUB_ENDPOINT = 'https://huggingface.co';

/** A model by its identifier or one of its short names, in any case of letters. */
export function findModel(catalogue: readonly CatalogueModel[], id: string): CatalogueModel | undefined {
  const wanted = id.toLowerCase();
  return catalogue.find((model) => model.id === wanted || model.aliases.includes(wanted));
}

/** Path of a catalogue model's weights below the folder of weights. */
export function modelFile(modelsDir: string, model: CatalogueModel): string {
  return join(modelsDir, model.hub.file);
}
