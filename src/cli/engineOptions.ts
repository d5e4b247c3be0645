/** The options that all commands with an engine have, and what to load by them. */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { VARIANTS, type VariantChoice } from '../inference/engine';
import type { LoadOptions } from '../inference/protocol';
import { convertedDir, modelsDir, processStorageEnvironment, storageRoot } from '../inference/store/paths';
import { automaticThreads, DEFAULT_CONTEXT_TOKENS } from '../inference/worker/loadDefaults';
import { chooseModel, requireWeights } from './modelChoice';
import { wholeNumber } from './optionValues';

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
    .option(
      '--model <name>',
      'id of a model, a part of it such as 0.5b, or the path of a GGUF file (default: 0.5b)',
    )
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
  const root = storageRoot(processStorageEnvironment());
  const choice = chooseModel(options.model);
  const modelPath = await requireWeights(choice, modelsDir(root));
  const { threads } = options;
  return {
    modelPath,
    cacheDir: convertedDir(root),
    ...(choice.kind === 'file'
      ? {}
      : { displayName: choice.model.name, expectedSha256: choice.model.sha256 }),
    contextTokens: options.context,
    threads: threads === 0 ? automaticThreads(availableParallelism(), process.arch) : threads,
    variant: options.variant,
  };
}
