/** Which files are typed, and from where: by rules that know nothing of any result. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { ReplayTask } from './replayFile';

export const REPLAY_LANGUAGES = ['python', 'typescript', 'go', 'rust', 'java', 'cpp'] as const;
export type ReplayLanguage = (typeof REPLAY_LANGUAGES)[number];

const EXTENSIONS: Readonly<Record<ReplayLanguage, RegExp>> = {
  python: /\.py$/,
  typescript: /(?<!\.d)\.ts$/,
  go: /\.go$/,
  rust: /\.rs$/,
  java: /\.java$/,
  cpp: /\.(?:h|hpp|cpp)$/,
};
/** Tests and examples. */
const LEFT_OUT =
  /(?:^|\/)(?:tests?|testdata|benches|examples?|_examples|node_modules|dist|ext)\/|[._]test\.|(?:^|\/)(?:tests?\.rs|package-info|test_)/;
/** In the first lines of what a program has written. */
const GENERATED = /auto-?\s?generated|@generated|do not edit/i;
const HEAD_UNITS = 1000;

const SEED = 'qwen-coder-local replay 1';
export const FILES_PER_LANGUAGE = 4;
/** So that no package decides the result. */
const MOST_PER_PACKAGE = 2;
/** Long enough to be typed in, not so long that it is data. UTF-16 units. */
const SHORTEST_FILE = 3000;
const LONGEST_FILE = 60_000;
/** Units that are typed of each. */
export const TYPED_UNITS = 400;
/** The point lies in this part of the file. */
const FROM_SHARE = 0.2;
const TO_SHARE = 0.8;
/** Other files of the package that the person has looked at before. */
const VISITED_FILES = 2;

export interface SourceFile {
  readonly languageId: ReplayLanguage;
  readonly packageName: string;
  /** In its package, with slashes. */
  readonly path: string;
  /** With LF, without blanks at line ends. */
  readonly text: string;
}

export interface ReplaySource extends ReplayTask {
  readonly file: SourceFile;
}

/**
 * @param folder of `ensureReplaySources`
 * @param draw other files and points than those that are reported, for finding rules and thresholds
 */
export function replaySources(folder: string, draw?: string): ReplaySource[] {
  return REPLAY_LANGUAGES.flatMap((languageId) => {
    const files = sourceFiles(folder, languageId);
    const reported = chooseFiles(files);
    if (draw === undefined) return reported.map((file) => taskOf(file, files));
    const others = files.filter((file) => !reported.includes(file));
    return chooseFiles(others, draw).map((file) => taskOf(file, files, draw));
  });
}

export interface SourceChoice {
  /** Folder of `ensureReplaySources`. */
  readonly sources: string;
  /** Files of each language. */
  readonly limit?: number;
  /** Other files and points than those that are reported. */
  readonly draw?: string;
}

/** The sources of a run. */
export const chosenSources = ({ sources, draw, limit = Infinity }: SourceChoice): ReplaySource[] =>
  limited(replaySources(sources, draw), limit);

/** All files of a source's package. @param folder of `ensureReplaySources` */
export function packageFiles(folder: string, { file }: ReplaySource): SourceFile[] {
  return sourceFiles(folder, file.languageId).filter(({ packageName }) => packageName === file.packageName);
}

/** So many sources of each language, the first ones. */
export function limited(sources: readonly ReplaySource[], perLanguage: number): ReplaySource[] {
  return REPLAY_LANGUAGES.flatMap((languageId) =>
    sources.filter(({ file }) => file.languageId === languageId).slice(0, perLanguage),
  );
}

/** The first of a shuffled list, a few of each package. @throws Error where there are too few */
export function chooseFiles(files: readonly SourceFile[], draw = ''): SourceFile[] {
  const chosen: SourceFile[] = [];
  for (const file of byHash(files, `${draw}file`)) {
    if (file.text.length < SHORTEST_FILE || file.text.length > LONGEST_FILE) continue;
    const same = chosen.filter(({ packageName }) => packageName === file.packageName);
    if (same.length < MOST_PER_PACKAGE) chosen.push(file);
    if (chosen.length === FILES_PER_LANGUAGE) return chosen;
  }
  throw new Error(
    `there are but ${chosen.length} files in ${files[0]?.languageId ?? 'a language'} to be typed`,
  );
}

/** The hole begins with a line somewhere in the middle and ends with the line in which so many units are over. */
export function taskOf(file: SourceFile, all: readonly SourceFile[], draw = ''): ReplaySource {
  const { text, languageId } = file;
  const name = nameOf(file);
  const share = FROM_SHARE + (TO_SHARE - FROM_SHARE) * fraction(`${draw}point ${name}`);
  const aimed = Math.min(Math.floor(text.length * share), text.length - TYPED_UNITS - 1);
  const start = text.lastIndexOf('\n', aimed) + 1;
  const found = text.indexOf('\n', start + TYPED_UNITS);
  const end = found < 0 ? text.length : found;
  const others = all.filter((other) => other.packageName === file.packageName && other.path !== file.path);
  return {
    file,
    uri: uriOf(file),
    hole: {
      languageId,
      before: text.slice(0, start),
      target: text.slice(start, end),
      after: text.slice(end),
    },
    visited: byHash(others, `${draw}visited ${name}`)
      .slice(0, VISITED_FILES)
      .map((other) => ({ uri: uriOf(other), languageId, text: other.text })),
    seed: Math.floor(fraction(`${draw}pauses ${name}`) * 2 ** 32),
    units: TYPED_UNITS,
  };
}

export const nameOf = ({ languageId, packageName, path }: SourceFile): string =>
  `${languageId}/${packageName}/${path}`;

/** All sources of a language but tests, examples and what programs have written. @param folder with `LANGUAGE/PACKAGE/…` */
export function sourceFiles(folder: string, languageId: ReplayLanguage): SourceFile[] {
  const root = join(folder, languageId);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) =>
    path.split('\\').join('/'),
  );
  return paths
    .filter((path) => EXTENSIONS[languageId].test(path))
    .map((path) => ({ packageName: path.split('/')[0] ?? '', path: path.split('/').slice(1).join('/') }))
    .filter(({ path }) => !LEFT_OUT.test(path))
    .map(({ packageName, path }) => ({
      ...{ languageId, packageName, path },
      text: plainText(readFileSync(join(root, packageName, path), 'utf8')),
    }))
    .filter(({ text }) => text.length > 0 && !GENERATED.test(text.slice(0, HEAD_UNITS)));
}

const plainText = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/[ \t]+$/gm, '');

export const uriOf = ({ packageName, path }: Pick<SourceFile, 'packageName' | 'path'>): string =>
  `file://${posix.join('/project', packageName, path)}`;

/** The same order everywhere. */
function byHash(files: readonly SourceFile[], what: string): SourceFile[] {
  const order = (file: SourceFile): string => hash(`${what} ${nameOf(file)}`);
  return [...files].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** In [0, 1), the same everywhere. */
const fraction = (text: string): number => Number.parseInt(hash(text).slice(0, 8), 16) / 2 ** 32;

const hash = (text: string): string => createHash('sha256').update(`${SEED} ${text}`).digest('hex');
