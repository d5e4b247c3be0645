/** Tests as pieces of text in the ways that frameworks want them. */
import type { Syntax } from '../syntax/syntax';
import { isScript } from './framework';
import type { Subject } from './subject';

/** One test, without the class or block around it, indented from column 0. */
export interface TestUnit {
  readonly name: string;
  readonly code: string;
}

export interface TestParts {
  /** Whole statements. */
  readonly imports: readonly string[];
  /** What tests use besides: functions, classes. */
  readonly helpers: readonly string[];
  readonly tests: readonly TestUnit[];
}

export interface Dialect {
  /** What a new file imports for the subject. */
  imports(subject: Subject): readonly string[];
  /** The beginning of a test file up to where the first test's name goes. */
  opening(subject: Subject): string;
  /** Takes code apart. Pieces of code that cannot be read are left out. */
  parts(code: string, subject: Subject, syntax: Syntax): Promise<TestParts>;
  /** A new file. */
  render(parts: TestParts, subject: Subject): string;
  /** The file that is there, with the tests added that it does not have. */
  merge(existing: string, parts: TestParts, subject: Subject, syntax: Syntax): Promise<string>;
  /** The same test under another name. */
  rename(unit: TestUnit, name: string): TestUnit;
  /** The line that a test begins with. */
  readonly starts: RegExp;
  /** Whether code compares anything with what is expected. */
  checks(code: string): boolean;
}

/** Text indented by blanks; blank lines stay empty. */
export const indented = (text: string, blanks: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : blanks + line))
    .join('\n');

/** Whole lines without the blanks that the first of them begins with. */
export function dedented(text: string): string {
  const lines = text.split('\n');
  const depth = (line: string): number => line.length - line.trimStart().length;
  const own = depth(lines[0] ?? '');
  return lines.map((line) => line.slice(Math.min(depth(line), own))).join('\n');
}

/** Adds lines behind the last import, else at the top. */
export function addImports(text: string, lines: readonly string[], isImport: RegExp): string {
  const wanted = lines.filter((line) => !text.includes(line));
  if (wanted.length === 0) return text;
  const all = text.split('\n');
  const last = all.findLastIndex((line) => isImport.test(line));
  if (last < 0) return [...wanted, '', ...all].join('\n');
  return [...all.slice(0, last + 1), ...wanted, ...all.slice(last + 1)].join('\n');
}

/** Another name of the same: a title in scripts, an identifier elsewhere. */
export const numberedName = (name: string, number: number, languageId: string): string =>
  isScript(languageId) ? `${name} (${number})` : `${name}_${number}`;

/** Compared without blanks: the same test written once more. */
export const squeezed = (code: string): string => code.replace(/\s+/g, '');
