/** Edits that people have made, from releases of packages: by rules that know nothing of any result. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { sourceFiles, type ReplayLanguage } from '../completion/replay/sources';

const LANGUAGES = ['python', 'typescript', 'go'] as const satisfies readonly ReplayLanguage[];
/** Lines around a change that go along with it, as a person would select them. */
const CONTEXT_LINES = 8;
/** What is selected has so many lines, before and after. */
const FEWEST_LINES = 12;
const MOST_LINES = 60;
const PER_LANGUAGE = 8;
const MOST_PER_PACKAGE = 4;

export interface Edit {
  readonly languageId: ReplayLanguage;
  /** Language, package and path. */
  readonly name: string;
  /** Whole lines, changed and around the change. */
  readonly before: string;
  readonly after: string;
}

/** The first of a shuffled list, some of each package. @param folder of `ensureEditSources` */
export function realEdits(folder: string, perLanguage = PER_LANGUAGE): Edit[] {
  return LANGUAGES.flatMap((languageId) => {
    const counts = new Map<string, number>();
    return shuffled(editsOf(folder, languageId))
      .filter(({ name }) => {
        const [, packageName = ''] = name.split('/');
        const count = (counts.get(packageName) ?? 0) + 1;
        counts.set(packageName, count);
        return count <= MOST_PER_PACKAGE;
      })
      .slice(0, perLanguage);
  });
}

function editsOf(folder: string, languageId: ReplayLanguage): Edit[] {
  const before = new Map(
    sourceFiles(join(folder, 'before'), languageId).map((file) => [`${file.packageName}/${file.path}`, file]),
  );
  return sourceFiles(join(folder, 'after'), languageId).flatMap(({ packageName, path, text }) => {
    const old = before.get(`${packageName}/${path}`);
    if (old === undefined || old.text === text) return [];
    const { hunks } = structuredPatch('', '', old.text, text, undefined, undefined, {
      context: CONTEXT_LINES,
    });
    return hunks
      .map((hunk) => ({
        languageId,
        name: `${languageId}/${packageName}/${path}`,
        before: side(hunk, '-'),
        after: side(hunk, '+'),
      }))
      .filter((edit) => [edit.before, edit.after].every((code) => fits(code.split('\n').length)));
  });
}

/** The lines of one side of a hunk. */
const side = ({ lines }: StructuredPatchHunk, sign: '+' | '-'): string =>
  lines
    .filter((line) => line.startsWith(' ') || line.startsWith(sign))
    .map((line) => line.slice(1))
    .join('\n');

const fits = (lines: number): boolean => lines >= FEWEST_LINES && lines <= MOST_LINES;

/** The same order everywhere. */
function shuffled(edits: readonly Edit[]): Edit[] {
  const order = ({ name, before, after }: Edit): string =>
    createHash('sha256').update(`qwen-coder-local edits 1 ${name}\n${before}\n${after}`).digest('hex');
  return [...edits].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
