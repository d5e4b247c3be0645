/**
 * Runs generated tests and keeps what runs. A test that does not run is repaired once or dropped. One that fails is
 * kept as it is, at most taken apart: it may have found a bug, and nothing here ever changes what it expects.
 */
import type { TestParts, TestUnit } from './dialect';
import { dialectOf, generateTests, repairTest, testFileText, type GenerateContext } from './generate';
import { readResults, type RunOutput, type TestResult } from './results';
import { withoutRepeats, type DroppedTest } from './sieve';
import { splitTest } from './split';
import type { Subject } from './subject';

/** Tests that are written anew, at most: each costs an answer of the model. */
const MAX_REPAIRS = 2;

export interface VerifiedTests {
  readonly parts: TestParts;
  /** Of the tests that are kept. */
  readonly results: readonly TestResult[];
  readonly dropped: readonly DroppedTest[];
  readonly repaired: readonly string[];
  /** Why nothing could be run, in the runner's words; then nothing is dropped. */
  readonly notRun?: string;
}

/** Runs a test file of this text. */
export type RunTests = (fileText: string) => Promise<RunOutput>;

/**
 * Where no test passes, the cases were bad ones more likely than all of the code: others are asked for, once, and
 * added.
 *
 * @throws EngineError, and what `run` throws
 */
export async function verifyTests(
  context: GenerateContext,
  subject: Subject,
  parts: TestParts,
  run: RunTests,
): Promise<VerifiedTests> {
  const first = await verifyOnce(context, subject, parts, run);
  if (first.notRun !== undefined || first.results.some(({ status }) => status === 'passed')) return first;
  const other = await generateTests(context, subject, true);
  const dialect = dialectOf(subject.framework.id);
  const added = dialect && withoutRepeats(other.parts, first.parts.tests, dialect, subject);
  if (added === undefined || added.tests.length === 0) return first;
  const second = await verifyOnce(
    context,
    subject,
    { ...added, tests: [...first.parts.tests, ...added.tests] },
    run,
  );
  return second.notRun !== undefined
    ? first
    : {
        ...second,
        dropped: [...first.dropped, ...other.dropped, ...second.dropped],
        repaired: [...first.repaired, ...second.repaired],
      };
}

async function verifyOnce(
  context: GenerateContext,
  subject: Subject,
  parts: TestParts,
  run: RunTests,
): Promise<VerifiedTests> {
  const runner = new Runner(context, subject, run);
  let now = parts;
  let found = await runner.results(now);
  if (found.size === 0 && (now.imports.length > 0 || now.helpers.length > 0)) {
    // What the model imported or made up besides keeps all tests from being collected.
    now = { ...now, imports: [], helpers: [] };
    found = await runner.results(now);
  }
  if (found.size === 0) {
    return { parts, results: [], dropped: [], repaired: [], notRun: runner.lastWords };
  }
  const { tests, repaired } = await withRepairs(context, subject, now, found);
  const apart = withFailingSplit(tests, found, subject);
  if (repaired.length > 0 || apart.length > tests.length) {
    now = { ...now, tests: apart };
    found = await runner.results(now);
  }
  const runs = (unit: TestUnit): boolean => (found.get(unit.name)?.status ?? 'error') !== 'error';
  const dropped = now.tests
    .filter((unit) => !runs(unit))
    .map(({ name }) => ({
      name,
      why: `it does not run: ${found.get(name)?.message ?? 'the runner did not find it'}`,
    }));
  const kept = now.tests.filter(runs);
  return {
    parts: { ...now, tests: kept },
    results: kept.flatMap(({ name }) => found.get(name) ?? []),
    dropped,
    repaired: repaired.filter((name) => kept.some((unit) => unit.name === name)),
  };
}

class Runner {
  lastWords = '';

  constructor(
    private readonly context: GenerateContext,
    private readonly subject: Subject,
    private readonly run: RunTests,
  ) {}

  /** Of the tests in question only, the worst of each where it ran several times. */
  async results(parts: TestParts): Promise<ReadonlyMap<string, TestResult>> {
    const { existing, syntax } = this.context;
    const text = await testFileText(parts, this.subject, existing === '' ? undefined : existing, syntax);
    const output = await this.run(text);
    const file = this.subject.target.path.split('/').at(-1) ?? '';
    const all = readResults(this.subject.framework.id, output, file);
    const own = new Set(parts.tests.map(({ name }) => name));
    const worst = new Map<string, TestResult>();
    for (const result of all.filter(({ name }) => own.has(name))) {
      const before = worst.get(result.name);
      if (before === undefined || before.status === 'passed') worst.set(result.name, result);
    }
    this.lastWords = all.find(({ status }) => status === 'error')?.message ?? lastLines(output);
    return worst;
  }
}

const lastLines = ({ stdout, stderr }: RunOutput): string =>
  `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-4)
    .join(' ')
    .slice(0, 400);

/** So that one wrong comparison does not hide those that hold. */
function withFailingSplit(
  tests: readonly TestUnit[],
  found: ReadonlyMap<string, TestResult>,
  { languageId }: Subject,
): TestUnit[] {
  const taken = new Set(tests.map(({ name }) => name));
  return tests.flatMap((unit) => {
    const pieces = found.get(unit.name)?.status === 'failed' ? splitTest(unit, languageId) : undefined;
    if (pieces === undefined || pieces.slice(1).some(({ name }) => taken.has(name))) return [unit];
    return pieces;
  });
}

async function withRepairs(
  context: GenerateContext,
  subject: Subject,
  { tests }: TestParts,
  found: ReadonlyMap<string, TestResult>,
): Promise<{ tests: TestUnit[]; repaired: string[] }> {
  const repaired: string[] = [];
  const all: TestUnit[] = [];
  let asked = 0;
  for (const unit of tests) {
    const result = found.get(unit.name);
    const broken = result?.status === 'error' && asked < MAX_REPAIRS;
    if (broken) asked++;
    const better = broken ? await repairTest(context, subject, unit, result.message) : undefined;
    if (better !== undefined) repaired.push(unit.name);
    all.push(better ?? unit);
  }
  return { tests: all, repaired };
}
