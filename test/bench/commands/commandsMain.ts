/**
 * How good the commands are that write code: tests for functions of real packages, and small edits and fixes, each
 * held against tests that really run. Started by `scripts/bench-commands.mjs`, which passes its arguments as JSON.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { disposeWhenInterrupted, realEngine } from '../../support/realEngine';
import { testSyntax } from '../../support/syntax';
import { replaceSection } from '../replaceSection';
import { commandsReport, commandsTables, type CommandsMeasured } from './commandsReport';
import { DIAGNOSTIC_TASKS } from './diagnosticTasks';
import { EDIT_TASKS, FIX_TASKS, type EditTask } from './editTasks';
import { measureEdit, type EditKind, type EditMeasured } from './measureEdits';
import { measureTests, type PlainAnswer, type PlainAnswers, type TestsMeasured } from './measureTests';
import {
  drawSubjects,
  PYTHON_PACKAGES,
  TYPESCRIPT_PACKAGES,
  type DrawnSubject,
  type SourcePackage,
} from './subjects';

interface CommandsArguments {
  readonly model: string;
  readonly modelPath: string;
  /** Folder of the installed packages and runners. */
  readonly samples: string;
  /** Functions per language. */
  readonly count: number;
  /** Only tasks of these kinds: `python`, `typescript`, `diagnosed`, `fix`, `edit`. */
  readonly only?: string;
  /** Instead of the seed of the reported functions. */
  readonly draw?: string;
  readonly jsonFile?: string;
  /** Every generated file and answer goes there, to be read; answers of the plain prompt are taken from there. */
  readonly keep?: string;
  /** Only those answers are made. */
  readonly plainOnly?: boolean;
  readonly document?: string;
}

async function main(args: CommandsArguments): Promise<void> {
  const { model, modelPath, samples, count, only, draw, jsonFile, keep, plainOnly = false, document } = args;
  const syntax = testSyntax();
  const wanted = (kind: string): boolean => only === undefined || only.split(',').includes(kind);
  const drawn = {
    python: wanted('python')
      ? await drawSubjects('python', pythonPackages(samples), syntax, count, draw)
      : [],
    typescript: wanted('typescript')
      ? await drawSubjects('typescript', typescriptPackages(samples), syntax, count, draw)
      : [],
  };
  const engine = realEngine(modelPath);
  disposeWhenInterrupted(engine);
  if (keep !== undefined) mkdirSync(keep, { recursive: true });
  const answers = plainAnswers(keep === undefined ? undefined : join(keep, `plain-${model}.json`));
  try {
    const { variant } = await engine.start();
    const tests = async (subjects: readonly DrawnSubject[]): Promise<TestsMeasured[]> => {
      const all: TestsMeasured[] = [];
      for (const subject of subjects) {
        const measured = await measureTests(engine, syntax, samples, subject, answers, plainOnly);
        if (measured === undefined) continue;
        all.push(measured);
        console.log(testsLine(measured));
        if (keep !== undefined) writeFileSync(join(keep, `${measured.name}.md`), testsInFull(measured));
      }
      return all;
    };
    const edits = async (kind: EditKind, tasks: readonly EditTask[]): Promise<EditMeasured[]> => {
      if (!wanted(kind)) return [];
      const all: EditMeasured[] = [];
      for (const task of tasks) {
        const measured = await measureEdit(
          { engine, syntax, samples, ...(draw !== undefined && { draw }) },
          kind,
          task,
        );
        all.push(measured);
        const verdict = measured.solved ? 'solved' : measured.applied ? 'wrong' : 'nothing';
        console.log(
          `${verdict.padEnd(8)} ${measured.seconds.toFixed(0).padStart(3)} s  ${measured.name}: ${measured.note}`,
        );
        if (keep !== undefined) writeFileSync(join(keep, `${measured.name}.md`), editInFull(measured));
      }
      return all;
    };
    const measured: CommandsMeasured = {
      tests: { python: await tests(drawn.python), typescript: await tests(drawn.typescript) },
      diagnosed: await edits('diagnosed', DIAGNOSTIC_TASKS),
      fix: await edits('fix', FIX_TASKS),
      edit: await edits('edit', EDIT_TASKS),
    };
    const section = `Run of ${new Date().toISOString().slice(0, 10)} by \`npm run bench:commands${model === '0.5b' ? '' : ` -- --model ${model}`}\`, in *${variant}*.\n\n${commandsTables(measured)}`;
    console.log(`\n${section}`);
    if (jsonFile !== undefined)
      writeFileSync(jsonFile, JSON.stringify({ [model]: commandsReport(measured) }, null, 2));
    if (document !== undefined) {
      writeFileSync(document, replaceSection(readFileSync(document, 'utf8'), `commands ${model}`, section));
    }
  } finally {
    await engine.dispose();
  }
}

function plainAnswers(file: string | undefined): PlainAnswers {
  const there = new Map<string, PlainAnswer>(
    file !== undefined && existsSync(file)
      ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, PlainAnswer>)
      : [],
  );
  return {
    get: (prompt) => there.get(prompt),
    set: (prompt, answer) => {
      there.set(prompt, answer);
      if (file !== undefined) writeFileSync(file, JSON.stringify(Object.fromEntries(there), null, 2));
    },
  };
}

const pythonPackages = (samples: string): SourcePackage[] =>
  PYTHON_PACKAGES.map((name) => ({ name, from: join(samples, 'python', name), to: name }));

const typescriptPackages = (samples: string): SourcePackage[] =>
  TYPESCRIPT_PACKAGES.map((name) => ({
    name,
    from: join(samples, 'typescript', 'node_modules', name, 'src'),
    to: 'src',
  }));

function testsLine({ name, path, ours, raw }: TestsMeasured): string {
  const marks = ({ parsed, ran, passed, killedMutant }: TestsMeasured['ours']): string =>
    [parsed && 'P', ran && 'R', passed && 'T', killedMutant && 'K'].map((mark) => mark || '-').join('');
  const side = (what: string, each: TestsMeasured['ours']): string =>
    `${what} ${marks(each)} ${each.passing}/${each.tests} ${each.seconds.toFixed(0)} s`;
  return `${side('ours', ours)}   ${side('raw', raw)}   ${path}:${name}`;
}

const testsInFull = (measured: TestsMeasured): string =>
  `${testsLine(measured)}\n\n${measured.ours.notes.join('\n')}\n\n## ours\n\n${measured.ours.text}\n\n## raw\n\n${measured.raw.text}\n`;

const editInFull = ({ name, note, solved, before, after }: EditMeasured): string =>
  `${name}: ${note}\nsolved: ${solved}\n\n## before\n\n${before}\n\n## after\n\n${after}\n`;

void main(JSON.parse(process.argv[2] ?? '{}') as CommandsArguments).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
