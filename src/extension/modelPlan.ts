/** Which weights are to be loaded, and how. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../inference/errors';
import type { LoadOptions } from '../inference/protocol';
import { modelFile } from '../inference/store/catalogue';
import { automaticThreads } from '../inference/worker/loadDefaults';
import { completionModel, type SettingValues } from './settingValues';

/** Where things are and what the machine has. */
export interface PlanSurroundings {
  readonly modelsDir: string;
  readonly convertedDir: string;
  readonly homedir: string;
  /** Logical processors this process may use. */
  readonly logicalProcessors: number;
  readonly arch: NodeJS.Architecture;
}

/**
 * What the engine is to load by the settings: the person's own file where one is named, otherwise the chosen model of
 * the catalogue, which must then have the published sum.
 *
 * @throws EngineError `model-missing`, `io`
 */
export async function planModel(
  settings: Pick<SettingValues, 'completionModel' | 'modelPath' | 'contextTokens' | 'threads' | 'variant'>,
  surroundings: PlanSurroundings,
): Promise<LoadOptions> {
  const { modelsDir, convertedDir, homedir, logicalProcessors, arch } = surroundings;
  const model = completionModel(settings);
  const own = settings.modelPath !== '';
  const modelPath = own ? expandHome(settings.modelPath, homedir) : modelFile(modelsDir, model);
  await requireFile(
    modelPath,
    own
      ? `There is no file at ${modelPath}, which the setting "Model Path" names.`
      : `${model.name} has not been downloaded yet.`,
  );
  return {
    modelPath,
    cacheDir: convertedDir,
    ...(own ? {} : { displayName: model.name, expectedSha256: model.sha256 }),
    contextTokens: settings.contextTokens,
    threads: settings.threads === 0 ? automaticThreads(logicalProcessors, arch) : settings.threads,
    variant: settings.variant,
  };
}

/**
 * Memory that a model takes once it is loaded, in bytes: the weights are held in 8 bits, whatever the file's, and the
 * activations, keys and values come on top. Measured with 0.5B: 0.92 to 1.2 GB for a file of 491 MB.
 *
 * @throws the system's error
 */
export async function memoryNeed(load: Pick<LoadOptions, 'modelPath'>): Promise<number> {
  const MEMORY_PER_FILE_BYTE = 2.2;
  return Math.round((await stat(load.modelPath)).size * MEMORY_PER_FILE_BYTE);
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

async function requireFile(path: string, whenMissing: string): Promise<void> {
  let found;
  try {
    found = await stat(path);
  } catch (error) {
    const wrapped = EngineError.from(error, 'io');
    const systemCode = wrapped.detail?.['systemCode'];
    if (systemCode !== 'ENOENT' && systemCode !== 'ENOTDIR') throw wrapped;
    throw new EngineError('model-missing', whenMissing, { path }, { cause: error });
  }
  if (!found.isFile()) throw new EngineError('model-missing', `${path} is not a file.`, { path });
}

const expandHome = (path: string, home: string): string =>
  path.startsWith('~/') || path.startsWith('~\\') ? join(home, path.slice(2)) : path;
