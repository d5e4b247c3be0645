/** What a GGUF is and what it would need, from its header alone, before anything heavy starts. */
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { VARIANTS, type Variant } from '../engine';
import { EngineError } from '../errors';
import { readModelConfig } from '../gguf/modelConfig';
import { readGguf, type GgufFile } from '../gguf/readGguf';
import { checkTokenizer } from '../tokenizer/checkTokenizer';
import { requireDiskSpace } from './diskSpace';
import { NODE_FILES, type FileLayer } from './fileLayer';
import { parameterCount, variantNeeds, type VariantNeeds } from './modelNeeds';

export interface ModelFileFacts {
  readonly path: string;
  /** Of the file. */
  readonly bytes: number;
  /** The file's own name for itself. */
  readonly name: string;
  readonly architecture: string;
  readonly parameters: number;
  /** As its makers call it, such as `Q4_K_M`; where they do not say, the type of most of its weights. */
  readonly quantisation: string;
  /** Tokens that it was trained on. */
  readonly contextLength: number;
  readonly needs: Readonly<Record<Variant, VariantNeeds>>;
}

export interface InspectOptions {
  /** Folder for converted graphs, to ask its disk for room; not asked by default. */
  readonly convertedDir?: string;
  /** Default: this machine's, or what this process may use of it. */
  readonly totalMemoryBytes?: number;
  readonly contextTokens?: number;
  readonly files?: FileLayer;
}

/** Names of whole files' quantisations by `general.file_type` (`enum llama_ftype`), of those that can be read here. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  7: 'Q8_0',
  8: 'Q5_0',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  18: 'Q6_K',
};

/**
 * Looks at a model file; some milliseconds, whatever its size. What passes can be loaded as far as its header tells.
 *
 * @throws EngineError with the reason: `model-missing`, `model-corrupt`, `model-unsupported` (architecture, tokenizer,
 *   tensor types, split file), `out-of-memory` where no variant fits the machine's memory, `disk-full` where no variant
 *   fits the disk, `io`
 */
export async function inspectModelFile(path: string, options: InspectOptions = {}): Promise<ModelFileFacts> {
  const file = await readGguf(path);
  const config = readModelConfig(file);
  checkTokenizer(file.metadata);
  const needsOf = (variant: Variant): VariantNeeds => variantNeeds(config, variant, options.contextTokens);
  const needs = { fast: needsOf('fast'), fast7: needsOf('fast7'), exact: needsOf('exact') };
  const least = (key: keyof VariantNeeds): number =>
    Math.min(...VARIANTS.map((variant) => needs[variant][key]));
  requireMemory(least('memoryBytes'), options.totalMemoryBytes ?? usableMemory());
  const { convertedDir, files = NODE_FILES } = options;
  if (convertedDir !== undefined) {
    await requireDiskSpace(
      await existingFolder(convertedDir, files),
      least('diskBytes'),
      'converting the model',
      files,
    );
  }
  return {
    path,
    bytes: file.size,
    name: config.name,
    architecture: config.architecture,
    parameters: parameterCount(config),
    quantisation: quantisationOf(file),
    contextLength: config.contextLength,
    needs,
  };
}

function requireMemory(needed: number, total: number): void {
  if (needed <= total) return;
  throw new EngineError(
    'out-of-memory',
    `The model needs about ${gigabytes(needed)} GB of memory; this machine has ${gigabytes(total)} GB.`,
    { neededBytes: needed, totalBytes: total },
  );
}

/** A container may have less than the machine. */
function usableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function quantisationOf({ metadata, tensors }: GgufFile): string {
  const stated = FILE_TYPES[metadata.optionalNumber('general.file_type') ?? -1];
  if (stated !== undefined) return stated;
  const bytes = new Map<string, number>();
  for (const { type, byteLength } of tensors.values()) bytes.set(type, (bytes.get(type) ?? 0) + byteLength);
  return [...bytes].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

/** The folder itself or the nearest above it that is there. */
async function existingFolder(path: string, files: FileLayer): Promise<string> {
  const found = await files.stat(path).catch(() => undefined);
  const above = dirname(path);
  return found !== undefined || above === path ? path : existingFolder(above, files);
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
