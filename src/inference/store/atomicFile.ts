import { randomUUID } from 'node:crypto';
import { NODE_FILES, type FileLayer } from './fileLayer';

/**
 * Writes a small file under a temporary name and renames it, so that readers find the old content or the new.
 * @throws the system's error
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  files: FileLayer = NODE_FILES,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await files.writeFile(temporary, content);
    await files.rename(temporary, path);
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
