/** The numbers of the commands as JSON and as tables. */
import { head, row } from '../markdown';
import { summarize } from '../statistics';
import type { EditMeasured } from './measureEdits';
import type { TestFileOutcome, TestsMeasured } from './measureTests';

/** Shares from 0 to 1. */
interface TestShares {
  readonly parsed: number;
  readonly ran: number;
  readonly passed: number;
  readonly killedMutant: number;
}

export interface CommandsReport {
  readonly generateTests: Readonly<
    Record<'python' | 'typescript', TestShares & { readonly raw: TestShares }>
  >;
  readonly edit: { readonly applied: number; readonly solved: number };
  readonly fix: { readonly applied: number; readonly solved: number };
  readonly diagnosed: { readonly applied: number; readonly solved: number };
}

export interface CommandsMeasured {
  readonly tests: Readonly<Record<'python' | 'typescript', readonly TestsMeasured[]>>;
  readonly edit: readonly EditMeasured[];
  readonly fix: readonly EditMeasured[];
  readonly diagnosed: readonly EditMeasured[];
}

export function commandsReport({ tests, edit, fix, diagnosed }: CommandsMeasured): CommandsReport {
  const both = (measured: readonly TestsMeasured[]): TestShares & { raw: TestShares } => ({
    ...shares(measured.map(({ ours }) => ours)),
    raw: shares(measured.map(({ raw }) => raw)),
  });
  return {
    generateTests: { python: both(tests.python), typescript: both(tests.typescript) },
    edit: solvedShares(edit),
    fix: solvedShares(fix),
    diagnosed: solvedShares(diagnosed),
  };
}

export function commandsTables(measured: CommandsMeasured): string {
  const { generateTests, edit, fix, diagnosed } = commandsReport(measured);
  const count = measured.tests.python.length + measured.tests.typescript.length;
  const all = [...measured.tests.python, ...measured.tests.typescript];
  const together = {
    ...shares(all.map(({ ours }) => ours)),
    raw: shares(all.map(({ raw }) => raw)),
  };
  const lines = (name: string, { raw, ...own }: TestShares & { raw: TestShares }): string[] => [
    row([`**${name}**, *Generate Tests*`, ...cells(own)]),
    row([`${name}, one plain prompt`, ...cells(raw)]),
  ];
  return [
    head(['test files', 'parse', 'run', 'pass on the true code', 'kill a mutant']),
    ...lines(`Python (${measured.tests.python.length})`, generateTests.python),
    ...lines(`TypeScript (${measured.tests.typescript.length})`, generateTests.typescript),
    ...lines(`both (${count})`, together),
    '',
    head(['', 'tests in the files', 'of these pass on the true code', 'seconds per function']),
    row(['*Generate Tests*', ...testCells(all.map(({ ours }) => ours))]),
    row(['one plain prompt', ...testCells(all.map(({ raw }) => raw))]),
    '',
    head(['tasks', 'a change to accept', 'solved', 'seconds']),
    row([
      `*Fix*, told by a compiler (${measured.diagnosed.length})`,
      ...solvedCells(diagnosed),
      medianSeconds(measured.diagnosed),
    ]),
    row([
      `*Fix*, told of a failing test (${measured.fix.length})`,
      ...solvedCells(fix),
      medianSeconds(measured.fix),
    ]),
    row([`*Edit* (${measured.edit.length})`, ...solvedCells(edit), medianSeconds(measured.edit)]),
  ].join('\n');
}

function shares(outcomes: readonly TestFileOutcome[]): TestShares {
  const of = (key: 'parsed' | 'ran' | 'passed' | 'killedMutant'): number =>
    share(outcomes.filter((outcome) => outcome[key]).length, outcomes.length);
  return { parsed: of('parsed'), ran: of('ran'), passed: of('passed'), killedMutant: of('killedMutant') };
}

const solvedShares = (all: readonly EditMeasured[]): { applied: number; solved: number } => ({
  applied: share(all.filter(({ applied }) => applied).length, all.length),
  solved: share(all.filter(({ solved }) => solved).length, all.length),
});

const share = (count: number, all: number): number =>
  all === 0 ? 0 : Math.round((count / all) * 1000) / 1000;
const percent = (value: number): string => `${Math.round(value * 100)} %`;
const cells = ({ parsed, ran, passed, killedMutant }: TestShares): string[] =>
  [parsed, ran, passed, killedMutant].map(percent);
const solvedCells = ({ applied, solved }: { applied: number; solved: number }): string[] =>
  [applied, solved].map(percent);

function testCells(outcomes: readonly TestFileOutcome[]): string[] {
  const tests = outcomes.reduce((sum, each) => sum + each.tests, 0);
  const passing = outcomes.reduce((sum, each) => sum + each.passing, 0);
  return [String(tests), percent(share(passing, tests)), medianSeconds(outcomes)];
}

const medianSeconds = (all: readonly { readonly seconds: number }[]): string =>
  all.length === 0 ? '' : summarize(all.map(({ seconds }) => seconds)).median.toFixed(0);
