/** Which of a workspace's files an import means, by their paths alone: no language server is needed for it. */

/** Extensions of the files that a language's imports lead to. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  javascript: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'tsx'],
  javascriptreact: ['jsx', 'js', 'tsx', 'ts', 'mjs'],
  typescript: ['ts', 'tsx', 'mts', 'd.ts', 'js', 'jsx'],
  typescriptreact: ['tsx', 'ts', 'mts', 'd.ts', 'jsx', 'js'],
  vue: ['ts', 'js', 'vue'],
  svelte: ['ts', 'js', 'svelte'],
  python: ['py', 'pyi'],
  java: ['java'],
  kotlin: ['kt', 'java'],
  scala: ['scala', 'java'],
  go: ['go'],
  rust: ['rs'],
  c: ['h'],
  cpp: ['h', 'hpp', 'hh', 'hxx'],
  'objective-c': ['h'],
  ruby: ['rb'],
  php: ['php'],
};
/** A folder that is imported as a whole has one of these. */
const FOLDER_FILES = ['index', '__init__', 'mod'];
/** Bare names are packages there, not files of the workspace. */
const BARE_IS_PACKAGE = new Set([
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'vue',
  'svelte',
]);
/** Files of one imported folder. */
const MAX_FILES = 6;

/** Extensions of files that a language imports; empty where imports are not known. */
export const importedExtensions = (languageId: string): readonly string[] =>
  Object.hasOwn(EXTENSIONS, languageId) ? (EXTENSIONS[languageId] ?? []) : [];

/**
 * @param files paths of the workspace's files, relative, with `/`
 * @param from path of the importing file
 * @param segments of the import; `.` and `..` lead relative ones
 * @returns paths of `files`, nearest to the importing file first; several where a folder is one module
 */
export function filesOfModule(
  files: readonly string[],
  from: string,
  segments: readonly string[],
  languageId: string,
): string[] {
  const extensions = importedExtensions(languageId);
  const matches = (tail: readonly string[], whole: boolean): string[] => {
    const end = tail.join('/');
    const bodies = languageId === 'go' ? [] : [end, ...FOLDER_FILES.map((name) => `${end}/${name}`)];
    return files.filter((file) => {
      const extension = extensions.find((one) => file.endsWith(`.${one}`));
      if (extension === undefined || file === from) return false;
      const body = file.slice(0, -extension.length - 1);
      const candidates = languageId === 'go' ? [end] : bodies;
      const own = languageId === 'go' ? folderOf(body) : body;
      return candidates.some((one) => own === one || (!whole && own.endsWith(`/${one}`)));
    });
  };
  const first = segments[0];
  if (first === '.' || first === '..') {
    const at = folderOf(from)
      .split('/')
      .filter((part) => part !== '');
    for (const part of segments) {
      if (part === '..') at.pop();
      else if (part !== '.') at.push(part);
    }
    return matches(at, true).slice(0, MAX_FILES);
  }
  if (segments.length < 2 && BARE_IS_PACKAGE.has(languageId)) return [];
  // What leads a path may be the name of the project, which is no folder of it.
  for (let skipped = 0; skipped < segments.length; skipped += 1) {
    if (BARE_IS_PACKAGE.has(languageId) && segments.length - skipped < 2 && !/^[@~]/.test(first ?? '')) break;
    const found = matches(segments.slice(skipped), false);
    if (found.length === 0) continue;
    const nearest = found.sort((a, b) => shared(b, from) - shared(a, from) || (a < b ? -1 : 1));
    return languageId === 'go' ? nearest.slice(0, MAX_FILES) : nearest.slice(0, 1);
  }
  return [];
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Folders at the beginning that two paths have in common. */
function shared(a: string, b: string): number {
  const [one, other] = [a.split('/'), b.split('/')];
  let count = 0;
  while (count < one.length - 1 && one[count] === other[count]) count += 1;
  return count;
}
