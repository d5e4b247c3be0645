import { EngineError } from '../errors';
import { NODE_FILES, type FileFacts, type FileLayer } from './fileLayer';
import { missingOrIo } from './hashFile';

/**
 * Looks at a model's file, which must be there.
 *
 * @param whenMissing what to say where it is not; by default, that there is no file at this path
 * @throws EngineError `model-missing`, `io`
 */
export async function statModelFile(
  path: string,
  whenMissing?: string,
  files: FileLayer = NODE_FILES,
): Promise<FileFacts> {
  const found = await files.stat(path).catch((error: unknown) => {
    const failure = missingOrIo(path, error);
    if (failure.code !== 'model-missing' || whenMissing === undefined) throw failure;
    throw new EngineError('model-missing', whenMissing, { path }, { cause: error });
  });
  if (!found.isFile()) throw new EngineError('model-missing', `${path} is not a file.`, { path });
  return found;
}
