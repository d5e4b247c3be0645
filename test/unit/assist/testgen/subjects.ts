import assert from 'node:assert/strict';
import { detectFramework, type ProjectFacts } from '../../../../src/assist/testgen/framework';
import { subjectOf, type Subject } from '../../../../src/assist/testgen/subject';
import { testTarget } from '../../../../src/assist/testgen/target';
import { testSyntax } from '../../../support/syntax';
import { ScriptedEngine } from '../../completion/scriptedEngine';

export const syntax = testSyntax();

/** A project of files; manifests and tests are told by their names. */
export function project(files: Readonly<Record<string, string>>): ProjectFacts {
  const all = Object.entries(files);
  return {
    manifests: new Map(all.filter(([path]) => /\.(?:json|toml|txt|cfg|xml)$/.test(path))),
    tests: all.filter(([path]) => /test/.test(path)).map(([path, text]) => ({ path, text })),
    files: new Set(Object.keys(files)),
  };
}

export async function subject(
  languageId: string,
  path: string,
  text: string,
  name: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Subject> {
  const facts = project({ ...files, [path]: text });
  const framework = detectFramework(languageId, path, facts);
  const all = (await syntax.symbols(text, languageId)) ?? [];
  const symbol = all.find((each) => each.name === name);
  assert.ok(symbol);
  return subjectOf(
    symbol,
    all,
    text,
    languageId,
    framework,
    testTarget({ languageId, path, text }, framework, facts),
  );
}

/** Answers in order; the last one again and again. */
export function answering(...answers: readonly string[]): ScriptedEngine {
  const engine = new ScriptedEngine();
  engine.answerWith(async (run) => {
    await run.text(answers[Math.min(engine.runs.length, answers.length) - 1] ?? '');
    await run.done();
  });
  return engine;
}
