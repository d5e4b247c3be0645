/** *Edit* and *Fix* on small tasks: whether the code that comes back passes the task's tests. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../../../src/assist/ask';
import {
  problemInWords,
  readRewrite,
  rewriteQuestion,
  type Rewritten,
} from '../../../src/assist/commands/rewrite';
import type { CodeSymbol, Syntax } from '../../../src/assist/syntax/syntax';
import type { TestResult } from '../../../src/assist/testgen/results';
import { fix } from '../../../src/assist/commands/fix';
import type { Engine } from '../../../src/inference/engine';
import { diagnose, type Diagnosis } from './diagnose';
import type { EditTask } from './editTasks';
import { mutationsOf, withMutation } from './mutants';
import { makeProject, resultsOf, type Project } from './project';
import { hash } from './subjects';

/** *Fix* is told of a failing test (`fix`), or of what a compiler says (`diagnosed`). */
export type EditKind = 'edit' | 'fix' | 'diagnosed';

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

export interface EditBench {
  readonly engine: Engine;
  readonly syntax: Syntax;
  /** Folder of the installed packages and runners. */
  readonly samples: string;
  /** Instead of the seed that chooses the faults of the report. */
  readonly draw?: string;
}

export async function measureEdit(
  { engine, syntax, samples, draw = '' }: EditBench,
  kind: EditKind,
  task: EditTask,
): Promise<EditMeasured> {
  const { languageId, name, tests } = task;
  const file = languageId === 'python' ? 'sample.py' : 'sample.ts';
  const testFile = languageId === 'python' ? 'test_sample.py' : 'sample.test.ts';
  const project = await makeProject(languageId, samples, undefined, { [file]: task.code });
  try {
    const run = (code: string): Promise<readonly TestResult[]> =>
      runOn(project, languageId, file, code, testFile, tests);
    const said = (): Promise<readonly Diagnosis[]> => diagnose(languageId, samples, project.root, file);
    const { code, instruction, line }: Fault =
      kind === 'fix'
        ? await seededFault(task, await firstFunction(syntax, task.code, languageId), run, draw)
        : kind === 'diagnosed'
          ? diagnosed(task, await said())
          : { code: task.code, instruction: task.instruction ?? '' };
    const symbol = await symbolFor(syntax, code, languageId, line);
    const [start, end] = linesOf(code, symbol);
    const piece = code.slice(start, end);
    const started = performance.now();
    const asked = { instruction, languageId, code: piece, before: code.slice(0, start) };
    const style = { insertSpaces: true, tabSize: languageId === 'python' ? 4 : 2 };
    const answered = async (): Promise<Rewritten> => {
      if (kind === 'edit') {
        const question = await rewriteQuestion(engine, { ...asked, kind });
        return readRewrite(await ask(engine, question), piece, languageId, style);
      }
      const faultyLine =
        line === undefined ? {} : { faultyLine: line - code.slice(0, start).split('\n').length + 1 };
      const task = { ...asked, ...faultyLine, kind: 'fix' as const, after: code.slice(end) };
      return (await fix(engine, task, style)).read;
    };
    const read = await answered();
    const seconds = (performance.now() - started) / 1000;
    const whole = (text: string): string => code.slice(0, start) + text + code.slice(end);
    const fits = async (text: string): Promise<boolean> =>
      (await syntax.parsesAsWell(whole(text), code, languageId)) !== false;
    const applied = read.kind === 'code' && (await fits(read.code));
    const after = read.kind === 'code' ? whole(read.code) : '';
    const results = applied ? await run(after) : [];
    const passed = results.length > 0 && results.every(({ status }) => status === 'passed');
    const solved = passed && (kind !== 'diagnosed' || (await said()).length === 0);
    const note = read.kind === 'none' ? read.why : instruction;
    return { name, applied, solved, seconds, before: code, after, note };
  } finally {
    await rm(project.root, { recursive: true, force: true });
  }
}

function diagnosed({ code, name }: EditTask, said: readonly Diagnosis[]): Fault {
  const [first] = said;
  if (first === undefined) throw new Error(`${name}: nothing is wrong with it`);
  const lines = code.split('\n');
  const problems = said.map(({ message, source, line }) =>
    problemInWords(message, source, lines[line] ?? ''),
  );
  return { code, instruction: problems.join('\n'), line: first.line };
}

interface Fault {
  readonly code: string;
  /** What a person would be told of it. */
  readonly instruction: string;
  /** From 0, where it is known. */
  readonly line?: number;
}

/** The first mutation that the tests see, and what a person would be told of it: the test that fails. */
async function seededFault(
  { languageId, code, name }: EditTask,
  symbol: CodeSymbol,
  run: (code: string) => Promise<readonly TestResult[]>,
  draw: string,
): Promise<Fault> {
  const whole = await run(code);
  if (whole.length === 0 || whole.some(({ status }) => status !== 'passed'))
    throw new Error(`${name}: the tests do not pass: ${JSON.stringify(whole)}`);
  const mutations = [...(await mutationsOf(code, languageId, symbol))].sort((a, b) =>
    hash(`${draw}${name}:${a.start}:${a.text}`) < hash(`${draw}${name}:${b.start}:${b.text}`) ? -1 : 1,
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

async function symbolFor(
  syntax: Syntax,
  code: string,
  languageId: string,
  line: number | undefined,
): Promise<CodeSymbol> {
  const lines = code.split('\n').slice(0, line);
  const offset = lines.join('\n').length + 1;
  const around = line === undefined ? undefined : await syntax.symbolAt(code, languageId, offset);
  return around ?? firstFunction(syntax, code, languageId);
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
