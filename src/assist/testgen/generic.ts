/**
 * Tests in a language that no dialect is known of: a whole file, written after the project's nearest test, checked by
 * the language's grammar where there is one, and neither taken apart nor run.
 */
import type { Engine } from '../../inference/engine';
import { readCode } from '../answer/readCode';
import { ask } from '../ask';
import { fitLines } from '../budget';
import { codeQuestion, fenced } from '../commands/prompts';
import type { Syntax } from '../syntax/syntax';
import type { GenericPlan } from './genericPlan';
import { escaped } from './subject';

export interface GenericSubject {
  readonly languageId: string;
  /** Of the source, relative to the project's root. */
  readonly path: string;
  /** What it is called to people: `User.name`, or the file. */
  readonly title: string;
  /** A name that the tests must use; absent for a whole file. */
  readonly name?: string;
  readonly code: string;
}

export type GenericTests =
  | { readonly kind: 'file'; readonly text: string; readonly checked: boolean }
  | { readonly kind: 'none'; readonly why: string; readonly answer: string };

const CODE_TOKENS = 700;
const EXAMPLE_TOKENS = 400;
const ANSWER_TOKENS = 700;
/** Blocks that can be open where an answer is cut off. */
const MAX_CLOSINGS = 3;

/** What a file of the language begins with, whatever is in it. */
const BEGINNINGS: Readonly<Record<string, string>> = { '.php': '<?php\n', '.bats': '#!/usr/bin/env bats\n' };
/** Languages whose blocks end with a word; the others' end with a brace. */
const ENDS: Readonly<Record<string, string>> = { ruby: 'end', lua: 'end', elixir: 'end' };

/** @throws EngineError */
export async function generateGenericTests(
  { engine, syntax, signal }: { engine: Engine; syntax: Syntax; signal?: AbortSignal },
  subject: GenericSubject,
  plan: GenericPlan,
): Promise<GenericTests> {
  const { languageId, name } = subject;
  const text = await genericText(engine, subject, plan);
  const ext = /\.\w+$/.exec(plan.path)?.[0] ?? '';
  const beginning = BEGINNINGS[ext] ?? '';
  const asked = await codeQuestion(engine, text, { languageId, wanted: ANSWER_TOKENS, beginning });
  const answer = await ask(engine, asked, signal === undefined ? {} : { signal });
  const none = (why: string): GenericTests => ({ kind: 'none', why, answer: answer.text });
  const code = readCode(answer.text, languageId)?.code.trimEnd() ?? '';
  if (code.trim() === beginning.trim()) return none('there is no code in the answer');
  if (name !== undefined && !new RegExp(`\\b${escaped(name)}\\b`).test(code))
    return none(`it does not use ${name}`);
  // Bats has a language of its own on top of the shell's.
  const problems = ext === '.bats' ? undefined : await syntax.problems(code, languageId);
  if (problems === undefined) {
    return answer.whole
      ? { kind: 'file', text: `${code}\n`, checked: false }
      : none('it is not complete, and nothing here can tell where to cut it');
  }
  if (problems.length === 0) return { kind: 'file', text: `${code}\n`, checked: true };
  const cut = answer.whole ? undefined : await cutBack(code, languageId, syntax);
  return cut === undefined ? none('it does not parse') : { kind: 'file', text: `${cut}\n`, checked: true };
}

async function genericText(
  engine: Engine,
  { languageId, path, title, code }: GenericSubject,
  { framework, path: target, example }: GenericPlan,
): Promise<string> {
  const shown = await fitLines(engine, code, CODE_TOKENS, 'start');
  const like =
    example === undefined
      ? ''
      : `This is how tests are written in this project, in \`${example.path}\`:\n${fenced(await fitLines(engine, example.text, EXAMPLE_TOKENS, 'start'), languageId)}\n`;
  return `${like}Here is \`${title}\` from \`${path}\`:\n${fenced(shown, languageId)}\nWrite the test file \`${target}\` for it with ${framework}${example === undefined ? '' : ', in the same way as the test above'}. Five short tests at most, each with concrete values and a name that says what it checks. Load the code under test from \`${path}\`. The whole file, code only.`;
}

/** An answer that was cut off, without what is broken at its end and with its blocks closed; undefined where that fails. */
async function cutBack(code: string, languageId: string, syntax: Syntax): Promise<string | undefined> {
  const end = ENDS[languageId] ?? '}';
  const lines = code.split('\n');
  for (let last = lines.length - 1; last > 0; last--) {
    // Between two tests there is an empty line, or one that closes the first.
    const line = lines[last] ?? '';
    if (line.trim() !== '' && !line.trim().startsWith(end)) continue;
    const kept = lines
      .slice(0, last + 1)
      .join('\n')
      .trimEnd();
    for (let open = 0; open <= MAX_CLOSINGS; open++) {
      const closed = [
        kept,
        ...Array.from({ length: open }, (_, at) => indentOf(open - 1 - at, line) + end),
      ].join('\n');
      if ((await syntax.problems(closed, languageId))?.length === 0) return closed;
    }
  }
  return undefined;
}

/** Blanks of a closing line so many blocks deep, of the width that the text uses. */
const indentOf = (depth: number, line: string): string => (line.startsWith('\t') ? '\t' : '  ').repeat(depth);
