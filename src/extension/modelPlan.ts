/** Which weights are to be loaded, and how. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../inference/errors';
import type { LoadOptions } from '../inference/protocol';
import { modelFile, type CatalogueModel } from '../inference/store/catalogue';
import { automaticThreads } from '../inference/worker/loadDefaults';
import type { SettingValues } from './settingValues';

/** Where things are and what the machine has. */
export interface PlanSurroundings {
  readonly model: CatalogueModel;
  readonly modelsDir: string;
  readonly convertedDir: string;
  readonly homedir: string;
  /** Logical processors this process may use. */
  readonly logicalProcessors: number;
  readonly arch: NodeJS.Architecture;
}

/**
 * What the engine is to load by the settings: the person's own file where one is named, otherwise the catalogue's
 * model, which must then have the published sum.
 *
 * @throws EngineError `model-missing`, `io`
 */
export async function planModel(
  settings: Pick<SettingValues, 'modelPath' | 'contextTokens' | 'threads'>,
  surroundings: PlanSurroundings,
): Promise<LoadOptions> {
  const { model, modelsDir, convertedDir, homedir, logicalProcessors, arch } = surroundings;
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
  };
}

/** Whether another engine is needed after a change of settings. */
export function needsOtherEngine(before: SettingValues, after: SettingValues): boolean {
  return (
    before.modelPath !== after.modelPath ||
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
