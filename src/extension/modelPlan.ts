/** Which weights are to be loaded, and how. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadOptions } from '../inference/protocol';
import { VARIANTS } from '../inference/engine';
import { modelFile } from '../inference/store/catalogue';
import { variantNeeds } from '../inference/store/modelNeeds';
import type { ModelStore } from '../inference/store/modelStore';
import { statModelFile } from '../inference/store/statModelFile';
import { automaticThreads } from '../inference/worker/loadDefaults';
import { completionModel, type SettingValues } from './settingValues';

/** Where things are and what the machine has. */
export interface PlanSurroundings {
  readonly store: Pick<ModelStore, 'expected'>;
  readonly modelsDir: string;
  readonly convertedDir: string;
  readonly homedir: string;
  /** Logical processors this process may use. */
  readonly logicalProcessors: number;
  readonly arch: NodeJS.Architecture;
}

type PlannedSettings = Pick<
  SettingValues,
  'completionModel' | 'modelPath' | 'contextTokens' | 'threads' | 'variant'
>;

/**
 * What the engine is to load by the settings: the person's own file where one is named, otherwise the chosen model of
 * the catalogue, which must then have the published sum, or the one that the publisher named when it was downloaded.
 *
 * @throws EngineError `model-missing`, `io`
 */
export async function planModel(
  settings: PlannedSettings,
  surroundings: PlanSurroundings,
): Promise<LoadOptions> {
  const { store, modelsDir, convertedDir, homedir, logicalProcessors, arch } = surroundings;
  const model = completionModel(settings);
  const own = settings.modelPath !== '';
  const modelPath = own ? expandHome(settings.modelPath, homedir) : modelFile(modelsDir, model);
  await statModelFile(
    modelPath,
    own
      ? `There is no file at ${modelPath}, which the setting "Model Path" names.`
      : `${model.name} has not been downloaded yet.`,
  );
  const sha256 = own ? undefined : (await store.expected(model.id))?.sha256;
  return {
    modelPath,
    cacheDir: convertedDir,
    ...(own ? {} : { displayName: model.name }),
    ...(sha256 === undefined ? {} : { expectedSha256: sha256 }),
    contextTokens: settings.contextTokens,
    threads: settings.threads === 0 ? automaticThreads(logicalProcessors, arch) : settings.threads,
    variant: settings.variant,
  };
}

/** Memory for each byte of a GGUF whose dimensions are not known. 0.5B takes 0.92 to 1.2 GB for a file of 491 MB. */
const MEMORY_PER_FILE_BYTE = 2.2;

/**
 * Memory that a model takes once it is loaded, in bytes: where the variant is still to be chosen, the largest need.
 *
 * @throws the system's error
 */
export async function memoryNeed(
  load: Pick<LoadOptions, 'modelPath' | 'contextTokens'>,
  settings: PlannedSettings,
): Promise<number> {
  if (settings.modelPath !== '') {
    return Math.round((await stat(load.modelPath)).size * MEMORY_PER_FILE_BYTE);
  }
  const { dimensions } = completionModel(settings);
  const variants = settings.variant === 'auto' ? VARIANTS : [settings.variant];
  return Math.max(
    ...variants.map((variant) => variantNeeds(dimensions, variant, load.contextTokens).memoryBytes),
  );
}

/** Whether another engine is needed after a change of settings. */
export function needsOtherEngine(before: SettingValues, after: SettingValues): boolean {
  return (
    before.modelPath !== after.modelPath ||
    (after.modelPath === '' && completionModel(before) !== completionModel(after)) ||
    before.variant !== after.variant ||
    before.contextTokens !== after.contextTokens ||
    before.threads !== after.threads
  );
}

const expandHome = (path: string, home: string): string =>
  path.startsWith('~/') || path.startsWith('~\\') ? join(home, path.slice(2)) : path;
