/**
 * Writes tests for one subject: cases first, in words, then code. What comes back is taken apart into single tests;
 * each is kept only where it parses, checks something and uses the subject, and there is a reason for each that is not.
 */
import type { Engine } from '../../inference/engine';
import { readCode } from '../answer/readCode';
import { ask, type Answer } from '../ask';
import { answerRoom, fitLines } from '../budget';
import type { ChatMessage } from '../chatPrompt';
import { CLOSING_FENCE, fenced, openFence, question } from '../commands/prompts';
import type { Syntax } from '../syntax/syntax';
import { goDialect, javaDialect, rustDialect } from './compiled';
import { squeezed, type Dialect, type TestParts, type TestUnit } from './dialect';
import { documentedTests, isDocumented } from './examples';
import { isScript, type FrameworkId } from './framework';
import { pythonDialect } from './python';
import { scriptDialect } from './script';
import { escaped, type Subject } from './subject';

export interface DroppedTest {
  readonly name: string;
  readonly why: string;
}

export interface GeneratedTests {
  /** What was to be tested, in the model's words. */
  readonly cases: readonly string[];
  readonly parts: TestParts;
  readonly dropped: readonly DroppedTest[];
}

export interface GenerateContext {
  readonly engine: Engine;
  readonly syntax: Syntax;
  readonly signal?: AbortSignal;
  /** Text of the test file that is extended; empty for a new one. */
  readonly existing: string;
}

const CASE_TOKENS = 420;
/** For another list of cases than the likeliest one. The seed makes it the same list each time. */
const OTHER_CASES = { temperature: 0.8, topK: 20, topP: 0.9, seed: 1 } as const;
const TEST_TOKENS = 800;
const REPAIR_TOKENS = 400;
const CODE_TOKENS = 700;
const MAX_CASES = 5;

/** @returns undefined for a framework that is not known */
export function dialectOf(id: FrameworkId): Dialect | undefined {
  switch (id) {
    case 'pytest':
    case 'unittest':
      return pythonDialect(id);
    case 'vitest':
    case 'jest':
    case 'mocha':
    case 'node:test':
      return scriptDialect(id);
    case 'go':
      return goDialect();
    case 'cargo':
      return rustDialect();
    case 'junit':
      return javaDialect();
    case 'generic':
      return undefined;
  }
}

interface Style {
  readonly tests: string;
  /** How an error is expected; told only where the code raises one, since a small model finds them everywhere. */
  readonly errors?: string;
}

const EXPECT = 'expect(…).toBe, toEqual for lists and objects, toBeCloseTo for decimals';
const STYLES: Readonly<Record<Exclude<FrameworkId, 'generic'>, Style>> = {
  pytest: {
    tests: 'pytest functions with plain assert, pytest.approx for decimals',
    errors: 'pytest.raises',
  },
  unittest: { tests: 'unittest methods with self.assertEqual', errors: 'self.assertRaises' },
  vitest: { tests: `vitest tests with ${EXPECT}`, errors: 'expect(() => …).toThrow()' },
  jest: { tests: `jest tests with ${EXPECT}`, errors: 'expect(() => …).toThrow()' },
  mocha: { tests: 'mocha tests with assert.equal and assert.deepEqual', errors: 'assert.throws' },
  'node:test': { tests: 'node:test tests with assert.equal and assert.deepEqual', errors: 'assert.throws' },
  go: { tests: 'Go tests with t.Errorf' },
  cargo: { tests: 'Rust tests with assert_eq!' },
  junit: { tests: 'JUnit tests with assertEquals', errors: 'assertThrows' },
};

/**
 * @param again other cases than the first time
 * @throws EngineError
 */
export async function generateTests(
  context: GenerateContext,
  subject: Subject,
  again = false,
): Promise<GeneratedTests> {
  const { engine, syntax, signal, existing } = context;
  const { id } = subject.framework;
  const dialect = dialectOf(id);
  if (dialect === undefined || id === 'generic') throw new Error('no dialect of this framework');
  const code = await fitLines(engine, shownCode(subject), CODE_TOKENS, 'start');
  const options = signal === undefined ? {} : { signal };
  const first = question(casesText(subject, code));
  const asked = first.map(({ content }) => content);
  const listed = await ask(
    engine,
    {
      messages: first,
      prefill: isPlainFunction(subject) ? `1. \`${subject.name}(` : '1. ',
      maxTokens: await answerRoom(engine, asked, CASE_TOKENS),
      stopStrings: [`\n${MAX_CASES + 1}.`, '\n\n', '```'],
      ...(again ? { sampling: OTHER_CASES } : {}),
    },
    options,
  );
  const cases = readCases(listed.text);
  const list = cases.map((each, index) => `${index + 1}. ${each}`).join('\n');
  const opening = dialect.opening(subject);
  const messages: ChatMessage[] = [
    ...first,
    { role: 'assistant', content: list },
    { role: 'user', content: codeText(subject, STYLES[id]) },
  ];
  const prefill = openFence(subject.languageId) + opening;
  const texts = [...asked, list, prefill];
  const written = await ask(
    engine,
    {
      messages,
      prefill,
      maxTokens: await answerRoom(engine, texts, TEST_TOKENS),
      stopStrings: CLOSING_FENCE,
    },
    // A small model that has nothing left to say begins again.
    { ...options, enough: (text) => startsOf(text, dialect) > MAX_CASES + 1 },
  );
  const found = await dialect.parts(codeOf(written, subject, opening, dialect), subject, syntax);
  const documented = await documentedTests(subject, syntax);
  const parts = { ...found, tests: [...documented, ...found.tests] };
  return { cases, ...(await sifted(parts, subject, dialect, syntax, existing)) };
}

/** Documentation above a function says what it takes and gives; of a method the class is shown, which has it inside. */
export const shownCode = ({ documentation, code, ownCode }: Subject): string =>
  documentation === '' || code !== ownCode ? code : `${documentation}\n${code}`;

/** What the model is to list; its words are the cases. */
function casesText(subject: Subject, code: string): string {
  const { title, name, languageId } = subject;
  const form = isPlainFunction(subject)
    ? `List ${MAX_CASES} different calls of \`${name}\` to test it with, one per line. Work each result out as the code does, in few steps, in this form:\n1. \`${name}(...)\`: ..., so it gives \`...\``
    : `List ${MAX_CASES} short checks of \`${title}\`, one per line: one or two calls on a new \`${subject.imported}\`, and the exact value that follows from the code above.`;
  // Asked for errors, a small model finds some where there are none.
  const errors = raisesErrors(subject) ? ', last one for which this code raises its error' : '';
  const kind = isGenerator(subject)
    ? `\n\`${name}\` is a generator: its result is what \`list(${name}(...))\` gives.`
    : '';
  return `Here is \`${title}\`:\n${fenced(code, languageId)}\n${form}${kind}\nUse inputs so small that the result is certain, such as 0, 1, 2, or lists of one or two items. First the usual case, then edge cases${errors}.`;
}

const raisesErrors = ({ code }: Subject): boolean => /\b(?:raise|throw|panic|Err)\b/.test(code);

/** With a function of its own inside, what yields may be that one. */
const isGenerator = ({ languageId, ownCode }: Subject): boolean =>
  languageId === 'python' && /\byield\b/.test(ownCode) && !/\n\s+def\s/.test(ownCode);

const isPlainFunction = ({ name, imported, isClass }: Subject): boolean => name === imported && !isClass;

const codeText = (subject: Subject, { tests, errors }: Style): string =>
  `Write one test for each of these cases, as ${tests}${errors !== undefined && raisesErrors(subject) ? `; ${errors} for errors` : ''}. Every test is short, stands alone without fixtures and mocks, and has a name of its own that says what it checks about \`${subject.title}\`. Code only.`;

const startsOf = (text: string, { starts }: Dialect): number =>
  text.match(new RegExp(starts, 'gm'))?.length ?? 0;

/** Numbered or bulleted lines, without their marks. */
export function readCases(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*(?:\d+[.)]|[-*])\s+(.*\S)\s*$/.exec(line)?.[1] ?? '')
    .filter((line) => line !== '')
    .slice(0, MAX_CASES);
}

/** The code with its last test, where the answer was cut off inside it: the sieve finds that it does not parse. */
function codeOf(answer: Answer, { languageId }: Subject, opening: string, { starts }: Dialect): string {
  const code = readCode(answer.text, languageId)?.code ?? opening;
  if (answer.whole) return code;
  // Cut back to the last line that begins at the left, so that what was complete can be read.
  const lines = code.split('\n');
  const last = lines.findLastIndex((line) => starts.test(line));
  const kept = last > 0 ? lines.slice(0, last) : lines;
  return `${kept.join('\n')}\n${isScript(languageId) ? '});' : /^(?:rust|java)$/.test(languageId) ? '}' : ''}`;
}

/** Tests that others do not have, under names of their own. */
export function withoutRepeats(parts: TestParts, others: readonly TestUnit[], subject: Subject): TestParts {
  const dialect = dialectOf(subject.framework.id);
  const tests: TestUnit[] = [];
  for (const unit of parts.tests) {
    const there = [...others, ...tests];
    if (dialect === undefined || there.some(({ code }) => sameBody(code, unit.code))) continue;
    tests.push(withOwnName(unit, there, dialect, subject));
  }
  return { ...parts, tests };
}

async function sifted(
  { imports, helpers, tests }: TestParts,
  subject: Subject,
  dialect: Dialect,
  syntax: Syntax,
  existing: string,
): Promise<Omit<GeneratedTests, 'cases'>> {
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

async function flaw(
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
    const name = isScript(languageId) ? `${unit.name} (${number})` : `${unit.name}_${number}`;
    if (!taken.has(name)) return dialect.rename(unit, name);
  }
}

/**
 * One test that does not run, written anew. What it expects is not for the model to change: the caller asks this only
 * for tests that did not come as far as a comparison.
 *
 * @returns undefined where nothing better came
 * @throws EngineError
 */
export async function repairTest(
  { engine, syntax, signal }: GenerateContext,
  subject: Subject,
  unit: TestUnit,
  trouble: string,
): Promise<TestUnit | undefined> {
  const dialect = dialectOf(subject.framework.id);
  if (dialect === undefined) return undefined;
  const code = await fitLines(engine, shownCode(subject), CODE_TOKENS, 'start');
  const text = `Here is \`${subject.title}\`:\n${fenced(code, subject.languageId)}\nThis test of it does not run:\n${fenced(unit.code, subject.languageId)}\nThe error is: ${trouble.slice(0, 300)}\nWrite the test again so that it runs. Keep its name and what it expects. Code only.`;
  const prefill = openFence(subject.languageId);
  const answer = await ask(
    engine,
    {
      messages: question(text),
      prefill,
      maxTokens: await answerRoom(engine, [text], REPAIR_TOKENS),
      stopStrings: CLOSING_FENCE,
    },
    signal === undefined ? {} : { signal },
  );
  const read = answer.whole ? readCode(answer.text, subject.languageId) : undefined;
  if (read === undefined) return undefined;
  const [found] = (await dialect.parts(read.code, subject, syntax)).tests;
  if (found === undefined || squeezed(found.code) === squeezed(unit.code)) return undefined;
  const named = found.name === unit.name ? found : dialect.rename(found, unit.name);
  return (await flaw(named, [], subject, dialect, syntax)) === undefined ? named : undefined;
}

/** The file with the tests in it: the one that is there, extended, or a new one. */
export async function testFileText(
  parts: TestParts,
  subject: Subject,
  existing: string | undefined,
  syntax: Syntax,
): Promise<string> {
  const dialect = dialectOf(subject.framework.id);
  if (dialect === undefined) throw new Error('no dialect of this framework');
  return existing === undefined
    ? dialect.render(parts, subject)
    : dialect.merge(existing, parts, subject, syntax);
}
