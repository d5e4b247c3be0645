/** Which tests of an answer are worth keeping before anything is run, and why the others are not. */
import type { Syntax } from '../syntax/syntax';
import { numberedName, squeezed, type Dialect, type TestParts, type TestUnit } from './dialect';
import { isDocumented } from './examples';
import { escaped, type Subject } from './subject';
import { raisesErrors } from './testQuestions';

export interface DroppedTest {
  readonly name: string;
  readonly why: string;
}

/** Tests that others do not have, under names of their own. */
export function withoutRepeats(
  parts: TestParts,
  others: readonly TestUnit[],
  dialect: Dialect,
  subject: Subject,
): TestParts {
  const tests: TestUnit[] = [];
  for (const unit of parts.tests) {
    const there = [...others, ...tests];
    if (there.some(({ code }) => sameBody(code, unit.code))) continue;
    tests.push(withOwnName(unit, there, dialect, subject));
  }
  return { ...parts, tests };
}

/** @param existing text of the test file that is extended; empty for a new one */
export async function sifted(
  { imports, helpers, tests }: TestParts,
  subject: Subject,
  dialect: Dialect,
  syntax: Syntax,
  existing: string,
): Promise<{ parts: TestParts; dropped: DroppedTest[] }> {
  const there = existing === '' ? [] : (await dialect.parts(existing, subject, syntax)).tests;
  const kept: TestUnit[] = [];
  const dropped: DroppedTest[] = [];
  for (const unit of tests) {
    const why = await flaw(unit, [...there, ...kept], subject, dialect, syntax);
    if (why !== undefined) dropped.push({ name: unit.name, why });
    else kept.push(withOwnName(unit, [...there, ...kept], dialect, subject));
  }
  const usable: string[] = [];
  for (const helper of helpers) {
    if ((await syntax.problems(helper, subject.languageId))?.length === 0) usable.push(helper);
  }
  return { parts: { imports, helpers: usable, tests: kept }, dropped };
}

/** @returns undefined where the test is fine */
export async function flaw(
  unit: TestUnit,
  others: readonly TestUnit[],
  subject: Subject,
  dialect: Dialect,
  syntax: Syntax,
): Promise<string | undefined> {
  if (!new RegExp(`\\b${escaped(subject.name)}\\b`).test(withoutName(unit)) && !usesClass(unit, subject)) {
    return `it does not use ${subject.name}`;
  }
  if (!dialect.checks(unit.code)) return 'it checks nothing';
  if (EXPECTS_ERROR.test(unit.code) && !raisesErrors(subject) && !isDocumented(unit)) {
    return 'it expects an error, and the code raises none';
  }
  if (others.some(({ code }) => sameBody(code, unit.code))) return 'it repeats another one';
  const alone = dialect.render({ imports: [], helpers: [], tests: [unit] }, subject);
  const problems = await syntax.problems(alone, subject.languageId);
  return problems !== undefined && problems.length > 0 ? 'it does not parse' : undefined;
}

const EXPECTS_ERROR = /\b(?:raises|assertRaises|toThrow|throws|rejects)\b/;

/** A test's name may hold the subject's without using it. */
const withoutName = ({ code, name }: TestUnit): string => code.replace(name, '');

const usesClass = ({ code }: TestUnit, { imported, name }: Subject): boolean =>
  (name === imported || /^(?:__init__|constructor)$/.test(name)) &&
  new RegExp(`\\b${escaped(imported)}\\b`).test(code);

/** Apart from their first lines, which name them. */
function sameBody(one: string, other: string): boolean {
  const body = (code: string): string => squeezed(code.slice(code.indexOf('\n') + 1));
  return body(one) !== '' && body(one) === body(other) && one.includes('\n') === other.includes('\n');
}

function withOwnName(
  unit: TestUnit,
  others: readonly TestUnit[],
  dialect: Dialect,
  { languageId }: Subject,
): TestUnit {
  const taken = new Set(others.map(({ name }) => name));
  if (!taken.has(unit.name)) return unit;
  for (let number = 2; ; number++) {
    const name = numberedName(unit.name, number, languageId);
    if (!taken.has(name)) return dialect.rename(unit, name);
  }
}
