/** Tests that the command generates for one function, and those of one plain prompt, held against the same mutants. */
import { rm } from 'node:fs/promises';
import { readCode } from '../../../src/assist/answer/readCode';
import { ask } from '../../../src/assist/ask';
import { answerRoom } from '../../../src/assist/budget';
import { fenced } from '../../../src/assist/commands/prompts';
import type { Syntax } from '../../../src/assist/syntax/syntax';
import { detectFramework } from '../../../src/assist/testgen/framework';
import { generateTests, testFileText } from '../../../src/assist/testgen/generate';
import type { TestResult } from '../../../src/assist/testgen/results';
import { subjectOf, type Subject } from '../../../src/assist/testgen/subject';
import { testTarget } from '../../../src/assist/testgen/target';
import { shownCode } from '../../../src/assist/testgen/testQuestions';
import { verifyTests } from '../../../src/assist/testgen/verify';
import { makeOverlay } from '../../../src/extension/testgen/overlay';
import { runTests } from '../../../src/extension/testgen/runTests';
import type { Engine } from '../../../src/inference/engine';
import { mutationsOf, withMutation } from './mutants';
import { makeProject, resultsOf, type Project } from './project';
import { hash, type DrawnSubject } from './subjects';

/** What became of one test file. */
export interface TestFileOutcome {
  readonly parsed: boolean;
  /** The runner took the file, and at least one test of it came to a verdict. */
  readonly ran: boolean;
  /** It ran, and every test passes on the true code. */
  readonly passed: boolean;
  /** A test that passes on the true code fails on at least one mutant. */
  readonly killedMutant: boolean;
  readonly tests: number;
  readonly passing: number;
  readonly seconds: number;
  readonly text: string;
  readonly notes: readonly string[];
}

export interface TestsMeasured {
  readonly name: string;
  readonly path: string;
  readonly ours: TestFileOutcome;
  readonly raw: TestFileOutcome;
}

const MUTANTS = 8;
const RAW_TOKENS = 1024;
/** A shorter block may be a command or an import that is shown first. */
const LEAST_FILE_LINES = 5;
/** A mutant may never end. */
const MUTANT_LIMIT_MS = 20_000;

/** Answers of the plain prompt that are there already: they take most of a run and change with the weights only. */
export interface PlainAnswers {
  get(prompt: string): PlainAnswer | undefined;
  set(prompt: string, answer: PlainAnswer): void;
}

export interface PlainAnswer {
  readonly text: string;
  readonly seconds: number;
}

/** @returns undefined where only the plain answer was wanted */
export async function measureTests(
  engine: Engine,
  syntax: Syntax,
  samples: string,
  drawn: DrawnSubject,
  answers: PlainAnswers,
  plainOnly = false,
): Promise<TestsMeasured | undefined> {
  const { languageId, source, path, text, symbol } = drawn;
  const project = await makeProject(languageId, samples, source);
  try {
    const framework = detectFramework(languageId, path, project.facts);
    const target = testTarget({ languageId, path, text }, framework, project.facts);
    const symbols = (await syntax.symbols(text, languageId)) ?? [];
    const subject = subjectOf(symbol, symbols, text, languageId, framework, target);
    const plain = await plainAnswer(engine, subject, path, answers);
    if (plainOnly) return undefined;
    const judge = async (file: string, seconds: number, notes: string[]): Promise<TestFileOutcome> => ({
      ...(await outcome(syntax, project, subject, drawn, file)),
      seconds,
      text: file,
      notes,
    });
    const started = performance.now();
    const own = await generated(engine, syntax, project, subject);
    const ownSeconds = (performance.now() - started) / 1000;
    return {
      name: symbol.name,
      path,
      ours: await judge(own.text, ownSeconds, own.notes),
      raw: await judge(readCode(plain.text, languageId)?.code ?? '', plain.seconds, []),
    };
  } finally {
    await rm(project.root, { recursive: true, force: true });
  }
}

/** As the command does it: written, run, what does not run repaired or dropped. */
async function generated(
  engine: Engine,
  syntax: Syntax,
  { root }: Project,
  subject: Subject,
): Promise<{ text: string; notes: string[] }> {
  const context = { engine, syntax, existing: '' };
  const { parts, dropped, cases } = await generateTests(context, subject);
  const verified = await verifyTests(context, subject, parts, (text) =>
    runTests(
      { framework: subject.framework.id, root, path: subject.target.path, text },
      new AbortController().signal,
    ),
  );
  const notes = [
    ...cases.map((each) => `case: ${each}`),
    ...[...dropped, ...verified.dropped].map(({ name, why }) => `dropped ${name}: ${why}`),
    ...verified.repaired.map((name) => `repaired ${name}`),
    ...(verified.notRun === undefined ? [] : [`not run: ${verified.notRun}`]),
    ...verified.results
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `failed ${name}: ${message}`),
  ];
  const text =
    verified.parts.tests.length === 0 ? '' : await testFileText(verified.parts, subject, undefined, syntax);
  return { text, notes };
}

/** What a person would ask a chat, with the paths that imports need; the code of the answer is the file. */
async function plainAnswer(
  engine: Engine,
  subject: Subject,
  path: string,
  answers: PlainAnswers,
): Promise<PlainAnswer> {
  const { name, languageId, framework, target } = subject;
  const text = `Write a ${framework.id} test file \`${target.path}\` for the function \`${name}\` from \`${path}\`:\n${fenced(shownCode(subject), languageId)}`;
  const there = answers.get(text);
  if (there !== undefined) return there;
  const maxTokens = await answerRoom(engine, [text], RAW_TOKENS);
  const started = performance.now();
  // What follows the code explains it.
  const enough = (so: string): boolean => {
    const read = readCode(so, languageId);
    return read?.whole === true && so.includes('```') && read.code.split('\n').length >= LEAST_FILE_LINES;
  };
  const answer = await ask(engine, { messages: [{ role: 'user', content: text }], maxTokens }, { enough });
  const found = { text: answer.text, seconds: (performance.now() - started) / 1000 };
  answers.set(text, found);
  return found;
}

async function outcome(
  syntax: Syntax,
  project: Project,
  subject: Subject,
  drawn: DrawnSubject,
  file: string,
): Promise<Omit<TestFileOutcome, 'seconds' | 'text' | 'notes'>> {
  const problems = await syntax.problems(file, subject.languageId);
  const parsed = file.trim() !== '' && problems?.length === 0;
  const results =
    file.trim() === ''
      ? new Map<string, TestResult['status']>()
      : await worstByTest(project.root, subject, file);
  const statuses = [...(results ?? new Map<string, TestResult['status']>()).values()];
  const passing = statuses.filter((status) => status === 'passed').length;
  const ran = statuses.some((status) => status !== 'error');
  return {
    parsed,
    ran,
    passed: ran && passing === statuses.length,
    killedMutant: passing > 0 && (await killsMutant(project, subject, drawn, file, results ?? new Map())),
    tests: statuses.length,
    passing,
  };
}

async function killsMutant(
  { root }: Project,
  subject: Subject,
  { languageId, path, text, symbol }: DrawnSubject,
  file: string,
  before: ReadonlyMap<string, TestResult['status']>,
): Promise<boolean> {
  const order = ({ start, text: other }: { start: number; text: string }): string =>
    hash(`${path}:${start}:${other}`);
  const mutations = [...(await mutationsOf(text, languageId, symbol))].sort((a, b) =>
    order(a) < order(b) ? -1 : 1,
  );
  for (const mutation of mutations.slice(0, MUTANTS)) {
    const overlay = await makeOverlay(root, new Map([[path, withMutation(text, mutation)]]));
    try {
      const after = await worstByTest(overlay.folder, subject, file, MUTANT_LIMIT_MS);
      const detected = [...before].some(
        ([name, status]) => status === 'passed' && after?.get(name) !== 'passed',
      );
      // A file that is not even collected says nothing of the mutant.
      if (detected && (after === undefined || after.size > 0)) return true;
    } finally {
      await overlay.remove();
    }
  }
  return false;
}

/** @returns the worst status by test; undefined where the run had to be ended */
async function worstByTest(
  root: string,
  { framework, target }: Subject,
  file: string,
  limitMs?: number,
): Promise<ReadonlyMap<string, TestResult['status']> | undefined> {
  const run = { framework: framework.id, root, path: target.path, text: file };
  const results = await resultsOf(run, limitMs);
  if (results === undefined) return undefined;
  const worst = new Map<string, TestResult['status']>();
  for (const { name, status } of results) {
    const had = worst.get(name);
    if (had === undefined || had === 'passed' || status === 'error') worst.set(name, status);
  }
  return worst;
}
