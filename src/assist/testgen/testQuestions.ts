/** What the model is asked for when tests are written: cases in words, the code of tests, one test again. */
import { fenced } from '../commands/prompts';
import type { FrameworkId } from './framework';
import type { TestUnit } from './dialect';
import { escaped, type Subject } from './subject';

export const MAX_CASES = 5;

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

/** Documentation above a function says what it takes and gives; of a method the class is shown, which has it inside. */
export const shownCode = ({ documentation, code, ownCode }: Subject): string =>
  documentation === '' || code !== ownCode ? code : `${documentation}\n${code}`;

/** What the model is to list; its words are the cases. */
export function casesText(subject: Subject, code: string): string {
  const { title, name, languageId } = subject;
  const form = isPlainFunction(subject)
    ? `List ${MAX_CASES} different calls of \`${name}\` to test it with, one per line, each with its exact result, in this form:\n1. \`${name}(...)\` gives \`...\``
    : `List ${MAX_CASES} short checks of \`${title}\`, one per line: one or two calls on a new \`${subject.imported}\`, and the exact value that follows from the code above.`;
  const signature = signatureOf(subject);
  const types =
    signature === undefined ? '' : ` Its parameters are \`${signature}\`: give arguments of these types.`;
  const kind = isGenerator(subject)
    ? ` It is a generator: its result is what \`list(${name}(...))\` gives.`
    : '';
  // Asked for errors, a small model finds some where there are none.
  const errors = raisesErrors(subject) ? ', last one for which this code raises its error' : '';
  return `Here is \`${title}\`:\n${fenced(code, languageId)}\n${form}\nUse small concrete values, so small that the result is certain.${types}${kind} First the usual case, then edge cases${errors}.`;
}

/** The parameters as they are declared; undefined where there is nothing in it that the call does not show. */
function signatureOf(subject: Subject): string | undefined {
  const declared = new RegExp(`\\b${escaped(subject.name)}\\s*(?:<[^(]*>)?\\(([^()]*)\\)`).exec(
    subject.ownCode,
  )?.[1];
  const line = declared?.replace(/\s+/g, ' ').trim();
  return line !== undefined && isPlainFunction(subject) && line.includes(':') ? `(${line})` : undefined;
}

/** How the list of cases begins: with the call, and the sign that its first argument begins with by its type. */
export function casesOpening(subject: Subject): string {
  if (!isPlainFunction(subject)) return '1. ';
  const type = /^\(\s*\w+\??\s*:\s*([^,=)]+)/.exec(signatureOf(subject) ?? '')?.[1]?.trim() ?? '';
  const sign = /(?:\[\]|Array|ArrayLike<.*|List\b.*|list\b.*|Sequence\b.*|Iterable\b.*)$/.test(type)
    ? '['
    : /^(?:string|str)$/.test(type)
      ? "'"
      : '';
  return `1. \`${subject.name}(${sign}`;
}

/** Whether the code itself raises any. */
export const raisesErrors = ({ code }: Subject): boolean => /\b(?:raise|throw|panic|Err)\b/.test(code);

/** With a function of its own inside, what yields may be that one. */
const isGenerator = ({ languageId, ownCode }: Subject): boolean =>
  languageId === 'python' && /\byield\b/.test(ownCode) && !/\n\s+def\s/.test(ownCode);

export const isPlainFunction = ({ name, imported, isClass }: Subject): boolean =>
  name === imported && !isClass;

/** What follows the list of cases. */
export function codeText(subject: Subject, framework: Exclude<FrameworkId, 'generic'>): string {
  const { tests, errors } = STYLES[framework];
  const raised = errors !== undefined && raisesErrors(subject) ? `; ${errors} for errors` : '';
  return `Write one test for each of these cases, as ${tests}${raised}. Every test is short, stands alone without fixtures and mocks, and has a name of its own that says what it checks about \`${subject.title}\`. Code only.`;
}

/** @param code of the subject, as far as it fits */
export const repairText = (subject: Subject, code: string, unit: TestUnit, trouble: string): string =>
  `Here is \`${subject.title}\`:\n${fenced(code, subject.languageId)}\nThis test of it does not run:\n${fenced(unit.code, subject.languageId)}\nThe error is: ${trouble.slice(0, TROUBLE_UNITS)}\nWrite the test again so that it runs. Keep its name and what it expects. Code only.`;

/** The end of a long error is a trace. */
const TROUBLE_UNITS = 300;

/** Numbered or bulleted lines, without their marks. */
export function readCases(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*(?:\d+[.)]|[-*])\s+(.*\S)\s*$/.exec(line)?.[1] ?? '')
    .filter((line) => line !== '')
    .slice(0, MAX_CASES);
}
