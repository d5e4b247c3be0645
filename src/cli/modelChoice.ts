/** What `--model` names: a model of the catalogue, or a file. */
import { resolve } from 'node:path';
import {
  CATALOGUE,
  DEFAULT_MODEL,
  findModel,
  modelFile,
  type CatalogueModel,
} from '../inference/store/catalogue';
import { statModelFile } from '../inference/store/statModelFile';
import { CliError, EXIT } from './exitCodes';

export type ModelChoice =
  | { readonly kind: 'catalogue'; readonly model: CatalogueModel }
  | { readonly kind: 'file'; readonly path: string };

/** Paths have a separator, or at least the format's ending. */
const LIKE_A_PATH = /[\\/]|\.gguf$/i;

/**
 * @param name nothing for the model that the editor uses, a path, or a name as `catalogueModel` takes it
 * @throws CliError for a name that no model has
 */
export function chooseModel(name: string | undefined): ModelChoice {
  if (name === undefined) return { kind: 'catalogue', model: DEFAULT_MODEL };
  if (LIKE_A_PATH.test(name)) return { kind: 'file', path: resolve(name) };
  return { kind: 'catalogue', model: catalogueModel(name) };
}

/**
 * @param name a model's id, or a short name such as `0.5b`
 * @throws CliError for a name that no model has
 */
export function catalogueModel(name: string): CatalogueModel {
  const model = findModel(CATALOGUE, name);
  if (model !== undefined) return model;
  const known = CATALOGUE.map(({ aliases, id }) => aliases[0] ?? id).join(', ');
  throw new CliError(
    EXIT.usage,
    `There is no model "${name}"; there are ${known}. A GGUF file is named by its path.`,
  );
}

/**
 * Path of a model's weights, which must be there.
 * @throws EngineError `model-missing` with what to do about it, `io`
 */
export async function requireWeights(choice: ModelChoice, modelsDir: string): Promise<string> {
  const path = choice.kind === 'file' ? choice.path : modelFile(modelsDir, choice.model);
  await statModelFile(path, choice.kind === 'file' ? undefined : howToFetch(choice.model));
  return path;
}

const howToFetch = ({ name, id, aliases }: CatalogueModel): string =>
  `${name} is not on this machine. Fetch it with: qwen-coder models fetch ${aliases[0] ?? id}`;
