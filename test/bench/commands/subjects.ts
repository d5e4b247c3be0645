/**
 * The functions that tests are written for, drawn from packages by a rule that knows nothing of any result: those that
 * a caller can use, of moderate length, with something to mutate and without input, output, time or chance, in the
 * order of a hash.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { CodeSymbol, Syntax } from '../../../src/assist/syntax/syntax';
import { mutationsOf } from './mutants';

export interface SourcePackage {
  readonly name: string;
  /** Where its files are, and where they go in the project. */
  readonly from: string;
  readonly to: string;
}

export interface DrawnSubject {
  readonly languageId: 'python' | 'typescript';
  readonly source: SourcePackage;
  /** Relative to the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly symbol: CodeSymbol;
}

export const PYTHON_PACKAGES = ['boltons', 'funcy', 'humanize', 'inflection.py', 'toolz'] as const;
export const TYPESCRIPT_PACKAGES = [
  '@antv/util',
  '@math.gl/core',
  'ml-distance',
  'ml-spectra-processing',
] as const;

const SEED = 'qwen-coder-local commands 1';
/** So that no package decides the result. */
const MOST_PER_PACKAGE = 6;
const MOST_PER_FILE = 2;
const LEAST_LINES = 4;
const MOST_LINES = 40;
const LEAST_MUTATIONS = 3;
/** Input, output, time, chance and the state of the process. */
const OUTSIDE =
  /\b(?:open|print|input|random|time|datetime|now|os|sys|subprocess|socket|thread|Math\.random|Date|console|document|window|navigator|process|fetch|setTimeout|requestAnimationFrame|localStorage|canvas|HTMLElement)\b/;

export async function drawSubjects(
  languageId: DrawnSubject['languageId'],
  packages: readonly SourcePackage[],
  syntax: Syntax,
  count: number,
  seed?: string,
): Promise<DrawnSubject[]> {
  const all: DrawnSubject[] = [];
  for (const source of packages) all.push(...(await candidates(languageId, source, syntax)));
  const order = ({ path, symbol }: DrawnSubject): string => hash(`${path}:${symbol.name}`, seed);
  all.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const drawn: DrawnSubject[] = [];
  for (const candidate of all) {
    const same = (key: (subject: DrawnSubject) => string): number =>
      drawn.filter((other) => key(other) === key(candidate)).length;
    if (same(({ source }) => source.name) >= MOST_PER_PACKAGE || same(({ path }) => path) >= MOST_PER_FILE)
      continue;
    drawn.push(candidate);
    if (drawn.length === count) return drawn;
  }
  throw new Error(`the packages have but ${drawn.length} functions in ${languageId} that fit`);
}

async function candidates(
  languageId: DrawnSubject['languageId'],
  source: SourcePackage,
  syntax: Syntax,
): Promise<DrawnSubject[]> {
  const found: DrawnSubject[] = [];
  for (const path of sourceFiles(source)) {
    const text = readFileSync(join(source.from, posix.relative(source.to, path)), 'utf8');
    if (languageId === 'typescript' && !standsAlone(source, path)) continue;
    for (const symbol of (await syntax.symbols(text, languageId)) ?? []) {
      if (fits(languageId, text, symbol)) {
        const mutations = await mutationsOf(text, languageId, symbol);
        if (mutations.length >= LEAST_MUTATIONS) found.push({ languageId, source, path, text, symbol });
      }
    }
  }
  return found;
}

function fits(languageId: DrawnSubject['languageId'], text: string, symbol: CodeSymbol): boolean {
  const { kind, within, name, exported, start, end, startLine, endLine, declaration, body } = symbol;
  if (kind !== 'function' || within.length > 0 || body === undefined) return false;
  const lines = endLine - startLine + 1;
  if (lines < LEAST_LINES || lines > MOST_LINES) return false;
  if (languageId === 'typescript' ? !exported : name.startsWith('_') || start !== declaration) return false;
  const code = text.slice(start, end);
  const head = text.slice(declaration, body);
  return (
    !/\(\s*\)/.test(head) &&
    !/\basync\b/.test(head) &&
    /\b(?:return|yield)\b/.test(code) &&
    !OUTSIDE.test(code)
  );
}

/** Paths in the project. */
export function sourceFiles({ from, to }: SourcePackage): string[] {
  if (/\.py$/.test(from)) return [to];
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(to, path.split('\\').join('/')))
    .filter((path) => /\.(?:py|ts)$/.test(path) && !/\.d\.ts$|(?:^|\/)__tests__\/|[._-]test\.ts$/.test(path))
    .sort();
}

/** Whether a file imports nothing, through others neither, that is not of its package. */
function standsAlone({ from, to }: SourcePackage, path: string, seen = new Set<string>()): boolean {
  if (seen.has(path)) return true;
  seen.add(path);
  const text = readFileSync(join(from, posix.relative(to, path)), 'utf8');
  const files = new Set(sourceFiles({ name: '', from, to }));
  for (const [, type, module = ''] of text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]/gm,
  )) {
    if (type !== undefined) continue;
    if (!module.startsWith('.')) return false;
    const base = posix.join(posix.dirname(path), module).replace(/\.(?:js|ts)$/, '');
    const next = [`${base}.ts`, `${base}/index.ts`].find((each) => files.has(each));
    if (next === undefined || !standsAlone({ name: '', from, to }, next, seen)) return false;
  }
  return true;
}

/** The same order everywhere, and none of ours. */
export const hash = (text: string, seed: string = SEED): string =>
  createHash('sha256').update(`${seed} ${text}`).digest('hex');
