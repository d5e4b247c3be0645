/** *Edit* and *Fix* on small tasks: whether the code that comes back passes the task's tests. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../../../src/assist/ask';
import { readRewrite, rewriteQuestion } from '../../../src/assist/commands/rewrite';
import type { CodeSymbol, Syntax } from '../../../src/assist/syntax/syntax';
import type { TestResult } from '../../../src/assist/testgen/results';
import type { Engine } from '../../../src/inference/engine';
import type { EditTask } from './editTasks';
import { mutationsOf, withMutation } from './mutants';
import { makeProject, resultsOf, type Project } from './project';
import { hash } from './subjects';

export interface EditMeasured {
  readonly name: string;
  /** Code came back that parses, so that the command would show it as a change. */
  readonly applied: boolean;
  /** With the change, all of the task's tests pass. */
  readonly solved: boolean;
  readonly seconds: number;
  readonly before: string;
  readonly after: string;
  readonly note: string;
}

const RUNNERS = { python: 'pytest', typescript: 'vitest' } as const;
const TEST_LIMIT_MS = 20_000;

export async function measureEdit(
  engine: Engine,
  syntax: Syntax,
  samples: string,
  task: EditTask,
): Promise<EditMeasured> {
  const { languageId, name, tests } = task;
  const file = languageId === 'python' ? 'sample.py' : 'sample.ts';
  const testFile = languageId === 'python' ? 'test_sample.py' : 'sample.test.ts';
  const project = await makeProject(languageId, samples, undefined, { [file]: task.code });
  try {
    const run = (code: string): Promise<readonly TestResult[]> =>
      runOn(project, languageId, file, code, testFile, tests);
    const symbol = await firstFunction(syntax, task.code, languageId);
    const { code, instruction } =
      task.instruction === undefined
        ? await seededFault(task, symbol, run)
        : { code: task.code, instruction: task.instruction };
    const [start, end] = linesOf(code, await firstFunction(syntax, code, languageId));
    const piece = code.slice(start, end);
    const started = performance.now();
    const question = await rewriteQuestion(engine, {
      kind: task.instruction === undefined ? 'fix' : 'edit',
      instruction,
      languageId,
      code: piece,
      before: code.slice(0, start),
    });
    const answer = await ask(engine, question);
    const seconds = (performance.now() - started) / 1000;
    const read = readRewrite(answer, piece, languageId, {
      insertSpaces: true,
      tabSize: languageId === 'python' ? 4 : 2,
    });
    const after = read.kind === 'code' ? code.slice(0, start) + read.code + code.slice(end) : '';
    const applied = read.kind === 'code' && (await syntax.parsesAsWell(after, code, languageId)) !== false;
    const results = applied ? await run(after) : [];
    const solved = results.length > 0 && results.every(({ status }) => status === 'passed');
    const note = read.kind === 'none' ? read.why : instruction;
    return { name, applied, solved, seconds, before: code, after, note };
  } finally {
    await rm(project.root, { recursive: true, force: true });
  }
}

/** The first mutation that the tests see, and what a person would be told of it: the test that fails. */
async function seededFault(
  { languageId, code, name }: EditTask,
  symbol: CodeSymbol,
  run: (code: string) => Promise<readonly TestResult[]>,
): Promise<{ code: string; instruction: string }> {
  const whole = await run(code);
  if (whole.length === 0 || whole.some(({ status }) => status !== 'passed'))
    throw new Error(`${name}: the tests do not pass: ${JSON.stringify(whole)}`);
  const mutations = [...(await mutationsOf(code, languageId, symbol))].sort((a, b) =>
    hash(`${name}:${a.start}:${a.text}`) < hash(`${name}:${b.start}:${b.text}`) ? -1 : 1,
  );
  for (const mutation of mutations) {
    const faulty = withMutation(code, mutation);
    const failed = (await run(faulty)).find(({ status }) => status !== 'passed');
    if (failed !== undefined)
      return { code: faulty, instruction: `- ${failed.name} fails: ${failed.message}` };
  }
  throw new Error(`${name}: its tests see no mutation`);
}

async function runOn(
  { root }: Project,
  languageId: EditTask['languageId'],
  file: string,
  code: string,
  path: string,
  text: string,
): Promise<readonly TestResult[]> {
  await writeFile(join(root, file), code);
  return (await resultsOf({ framework: RUNNERS[languageId], root, path, text }, TEST_LIMIT_MS)) ?? [];
}

async function firstFunction(syntax: Syntax, code: string, languageId: string): Promise<CodeSymbol> {
  const found = (await syntax.symbols(code, languageId))?.find(({ kind }) => kind === 'function');
  if (found === undefined) throw new Error('the task has no function');
  return found;
}

/** Whole lines, as the command takes them. */
function linesOf(code: string, { start, end }: CodeSymbol): [start: number, end: number] {
  const newline = code.indexOf('\n', end);
  return [code.lastIndexOf('\n', start - 1) + 1, newline < 0 ? code.length : newline];
}
