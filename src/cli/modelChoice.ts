/** What `--model` names: a model of the catalogue, or a file. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EngineError } from '../inference/errors';
import { CATALOGUE, modelFile, type CatalogueModel } from '../inference/store/catalogue';
import { missingOrIo } from '../inference/store/hashFile';
import { CliError, EXIT } from './exitCodes';

export type ModelChoice =
  | { readonly kind: 'catalogue'; readonly model: CatalogueModel }
  | { readonly kind: 'file'; readonly path: string };

/** Paths have a separator, or at least the format's ending. */
const LIKE_A_PATH = /[\\/]|\.gguf$/i;

/**
 * @param name nothing for the first model of the catalogue, a path, or a name as `catalogueModel` takes it
 * @throws CliError for a name that no model has
 */
export function chooseModel(
  name: string | undefined,
  catalogue: readonly CatalogueModel[] = CATALOGUE,
): ModelChoice {
  if (name !== undefined && LIKE_A_PATH.test(name)) return { kind: 'file', path: resolve(name) };
  return { kind: 'catalogue', model: catalogueModel(name, catalogue) };
}

/**
 * @param name a model's id, or such a part of it between dashes that no other model has: `0.5b`, `coder-1.5b`;
 *   nothing for the first model
 * @throws CliError for a name that no model has, or several
 */
export function catalogueModel(
  name: string | undefined,
  catalogue: readonly CatalogueModel[] = CATALOGUE,
): CatalogueModel {
  const [first] = catalogue;
  if (name === undefined && first !== undefined) return first;
  const wanted = (name ?? '').toLowerCase();
  const exact = catalogue.find(({ id }) => id === wanted);
  const found =
    exact === undefined ? catalogue.filter(({ id }) => `-${id}-`.includes(`-${wanted}-`)) : [exact];
  const [model] = found;
  if (found.length === 1 && model !== undefined) return model;
  const why = found.length === 0 ? `There is no model "${name}"` : `"${name}" could be any of several models`;
  const ids = (found.length === 0 ? catalogue : found).map(({ id }) => id).join(', ');
  throw new CliError(EXIT.usage, `${why}: ${ids}. Or name a GGUF file by its path.`);
}

/**
 * Path of a model's weights, which must be there.
 * @throws EngineError `model-missing` with what to do about it, `io`
 */
export async function requireWeights(choice: ModelChoice, modelsDir: string): Promise<string> {
  const path = choice.kind === 'file' ? choice.path : modelFile(modelsDir, choice.model);
  const found = await stat(path).catch((error: unknown) => {
    const failure = missingOrIo(path, error);
    if (failure.code !== 'model-missing' || choice.kind === 'file') throw failure;
    const { name, id } = choice.model;
    const message = `${name} is not on this machine. Fetch it with: qwen-coder models fetch ${id}`;
    throw new EngineError('model-missing', message, { path }, { cause: error });
  });
  if (!found.isFile()) throw new EngineError('model-missing', `${path} is not a file.`, { path });
  return path;
}
