/** Which names of which files a text imports, by the imports' paths alone. */
import { identifiers } from './identifiers';
import { usedMembers, type Import } from './imports';
import { filesOfModule } from './modulePaths';

/**
 * @param document its path as those of `paths`
 * @param imports of the document
 * @param paths of the files that may be meant, relative, with `/`
 * @returns names by path
 */
export function importedFiles(
  document: { readonly path: string; readonly text: string; readonly languageId: string },
  imports: readonly Import[],
  paths: readonly string[],
): Map<string, Set<string>> {
  const { path: from, text, languageId } = document;
  const wanted = new Map<string, Set<string>>();
  const find = (segments: readonly string[], names: readonly string[]): boolean => {
    const found = filesOfModule(paths, from, segments, languageId);
    for (const path of found) {
      const known = wanted.get(path) ?? new Set();
      for (const name of names) known.add(name);
      wanted.set(path, known);
    }
    return found.length > 0;
  };
  for (const { path, names, alias } of imports) {
    const own = names.map(({ name }) => name);
    if (alias !== undefined) {
      find(path, usedMembers(text, alias));
    } else if (own.length === 0) {
      // Taken in as a whole: what of it is used.
      find(path, [...identifiers(text)]);
    } else {
      if (!find(path, own)) find(path.slice(0, -1), own);
      // A name may be a module itself.
      for (const name of own) find([...path, name], usedMembers(text, name));
    }
  }
  return wanted;
}
