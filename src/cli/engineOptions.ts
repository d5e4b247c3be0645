/** The options that all commands with an engine have, and what to load by them. */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { VARIANTS, type VariantChoice } from '../inference/engine';
import type { LoadOptions } from '../inference/protocol';
import type { CatalogueModel } from '../inference/store/catalogue';
import { ModelStore } from '../inference/store/modelStore';
import { automaticThreads, DEFAULT_CONTEXT_TOKENS } from '../inference/worker/loadDefaults';
import { chooseModel, requireWeights } from './modelChoice';
import { wholeNumber } from './optionValues';
import { storageFolders, type StorageFolders } from './storageFolders';

export interface EngineOptions {
  readonly model?: string;
  readonly variant: VariantChoice;
  /** 0 chooses by the machine. */
  readonly threads: number;
  /** In tokens. */
  readonly context: number;
}

/** Bounds as in the editor's settings. */
const MAX_THREADS = 64;
const MIN_CONTEXT_TOKENS = 512;
const MAX_CONTEXT_TOKENS = 32_768;

/** Declares the options on a command. */
export function addEngineOptions(command: Command): Command {
  return command
    .option('--model <name>', 'a model by its name, such as 0.5b, or a GGUF file by its path (default: 0.5b)')
    .addOption(
      new Option('--variant <name>', 'how the weights are held; auto takes what suits this machine')
        .choices(['auto', ...VARIANTS])
        .default('auto'),
    )
    .addOption(
      new Option('--threads <n>', 'processor threads; 0 chooses by the machine, as in the editor')
        .argParser(wholeNumber(0, MAX_THREADS))
        .default(0),
    )
    .addOption(
      new Option('--context <tokens>', 'room for prompt and answer together')
        .argParser(wholeNumber(MIN_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS))
        .default(DEFAULT_CONTEXT_TOKENS),
    );
}

/**
 * What the engine is to load. A model of the catalogue must have the published sum, as in the editor.
 * @throws EngineError `model-missing`, `io`; CliError for a name that no model has
 */
export async function planLoad(options: EngineOptions): Promise<LoadOptions> {
  const { modelsDir, convertedDir } = storageFolders();
  const choice = chooseModel(options.model);
  const modelPath = await requireWeights(choice, modelsDir);
  const { threads } = options;
  return {
    modelPath,
    cacheDir: convertedDir,
    ...(choice.kind === 'file' ? {} : await promised(choice.model, { modelsDir, convertedDir })),
    contextTokens: options.context,
    threads: threads === 0 ? automaticThreads(availableParallelism(), process.arch) : threads,
    variant: options.variant,
  };
}

/** What a model of the catalogue is called, and the sum that it must have. */
async function promised(
  { id, name }: CatalogueModel,
  folders: StorageFolders,
): Promise<Pick<LoadOptions, 'displayName' | 'expectedSha256'>> {
  const expected = await new ModelStore(folders).expected(id);
  return { displayName: name, ...(expected === undefined ? {} : { expectedSha256: expected.sha256 }) };
}
