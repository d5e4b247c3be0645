/**
 * Writes tests for one subject: cases first, in words, then code. What comes back is taken apart into single tests;
 * each is kept only where it parses, checks something and uses the subject, and there is a reason for each that is not.
 */
import type { Engine } from '../../inference/engine';
import { readCode } from '../answer/readCode';
import { ask, type Answer } from '../ask';
import { answerRoom, fitLines } from '../budget';
import type { ChatMessage } from '../chatPrompt';
import { CLOSING_FENCE, openFence, question } from '../commands/prompts';
import type { Syntax } from '../syntax/syntax';
import { goDialect, javaDialect, rustDialect } from './compiled';
import { squeezed, type Dialect, type TestParts, type TestUnit } from './dialect';
import { documentedTests } from './examples';
import { isScript, type FrameworkId } from './framework';
import { pythonDialect } from './python';
import { scriptDialect } from './script';
import { flaw, sifted, type DroppedTest } from './sieve';
import type { Subject } from './subject';
import {
  casesOpening,
  casesText,
  codeText,
  MAX_CASES,
  readCases,
  repairText,
  shownCode,
} from './testQuestions';

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

const CASE_TOKENS = 260;
/** For another list of cases than the likeliest one. The seed makes it the same list each time. */
const OTHER_CASES = { temperature: 0.8, topK: 20, topP: 0.9, seed: 1 } as const;
const TEST_TOKENS = 800;
const REPAIR_TOKENS = 300;
const CODE_TOKENS = 700;

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
      prefill: casesOpening(subject),
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
    { role: 'user', content: codeText(subject, id) },
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
    { ...options, enough: (text) => startsOf(text, dialect) > MAX_CASES },
  );
  const found = await dialect.parts(codeOf(written, subject, opening, dialect), subject, syntax);
  const documented = await documentedTests(subject, syntax);
  const parts = { ...found, tests: [...documented, ...found.tests] };
  return { cases, ...(await sifted(parts, subject, dialect, syntax, existing)) };
}

const startsOf = (text: string, { starts }: Dialect): number =>
  text.match(new RegExp(starts, 'gm'))?.length ?? 0;

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
  const text = repairText(subject, code, unit, trouble);
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
