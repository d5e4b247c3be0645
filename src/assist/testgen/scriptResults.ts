/** What vitest, jest, mocha and node:test say. */
import { parseJson, shortened, statusOf, withoutColours } from './failure';
import { SKIPPED, type RunOutput, type TestResult } from './testResult';

interface JestReport {
  readonly testResults?: readonly {
    readonly message?: string;
    readonly assertionResults?: readonly {
      readonly title?: string;
      readonly status?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** The JSON of jest, which vitest writes too. */
export function jestResults({ report, stdout }: RunOutput, testFile: string): TestResult[] {
  const read = parseJson<JestReport>(report === '' ? stdout : report);
  return (read?.testResults ?? []).flatMap(({ message = '', assertionResults = [] }): TestResult[] => {
    if (assertionResults.length === 0 && message !== '')
      return [{ name: testFile, status: 'error', message: shortened(headline(message)) }];
    return assertionResults.map(({ title = '', status, failureMessages = [] }): TestResult => {
      if (status === 'passed') return { name: title, status, message: '' };
      if (status !== 'failed') return { name: title, ...SKIPPED };
      const text = withoutColours(failureMessages.join('\n'));
      const compared = /AssertionError|expect\(|expected .* to /.test(text.split('\n')[0] ?? '');
      return {
        name: title,
        status: compared ? 'failed' : statusOf(text, text, testFile),
        message: shortened(text),
      };
    });
  });
}

/** jest puts a heading and advice around what a file cannot be read for. */
function headline(message: string): string {
  const lines = withoutColours(message).split('\n');
  const at = lines.findIndex((line) => /error\b|Cannot find|Failed to/i.test(line) && !/●/.test(line));
  return lines.slice(Math.max(0, at)).join('\n');
}

interface MochaReport {
  readonly tests?: readonly {
    readonly title: string;
    readonly file?: string;
    readonly err?: {
      readonly message?: string;
      readonly stack?: string;
      readonly name?: string;
      readonly code?: string;
    };
  }[];
  readonly pending?: readonly { readonly title: string; readonly file?: string }[];
}

export function mochaResults({ report, stdout, stderr }: RunOutput, testFile: string): TestResult[] {
  const text = report === '' ? stdout.slice(stdout.indexOf('{')) : report;
  const read = parseJson<MochaReport>(text);
  if (read === undefined) {
    // It writes no report at all where a file cannot be loaded.
    const said = shortened(/^.*Error\b.*$/m.exec(withoutColours(stderr))?.[0] ?? '');
    return said === '' ? [] : [{ name: testFile, status: 'error', message: said }];
  }
  // A configuration of the project may name further files, which run too.
  const isOwn = ({ file }: { readonly file?: string }): boolean =>
    file === undefined || file.split(/[/\\]/).at(-1) === testFile;
  const pending = new Set(read.pending?.filter(isOwn).map(({ title }) => title));
  return (read.tests ?? []).filter(isOwn).map(({ title, err = {} }): TestResult => {
    const { message, stack = '', name = '', code = '' } = err;
    if (pending.has(title)) return { name: title, ...SKIPPED };
    if (message === undefined) return { name: title, status: 'passed', message: '' };
    const compared = name === 'AssertionError' || code === 'ERR_ASSERTION';
    return {
      name: title,
      status: compared ? 'failed' : statusOf(message, stack, testFile),
      message: shortened(message),
    };
  });
}

export function tapResults({ stdout: tap }: RunOutput, testFile: string): TestResult[] {
  const results: TestResult[] = [];
  const lines = tap.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, indent = '', not, name = '', directive = ''] =
      /^(\s*)(not )?ok \d+ - (.*?)(?: # (.*))?$/.exec(line) ?? [];
    if (name === '') continue;
    // What is compared may hold such a line too, further to the right.
    const until = lines.findIndex((each, at) => at > index && each.trimEnd() === `${indent}  ...`);
    const detail = lines.slice(index + 1, until < 0 ? index + 1 : until).join('\n');
    // The block around the tests: they have results of their own.
    if (/type: 'suite'/.test(detail)) continue;
    if (name.endsWith(testFile)) {
      if (not !== undefined) results.push(fileFailure(testFile, lines.slice(0, index)));
      continue;
    }
    if (/^(?:SKIP|TODO)\b/.test(directive)) results.push({ name: unescapeTap(name), ...SKIPPED });
    else if (not === undefined) results.push({ name: unescapeTap(name), status: 'passed', message: '' });
    else results.push(tapFailure(unescapeTap(name), detail, testFile, indent));
  }
  return results;
}

/** What ended the file is printed before its line, as a comment. */
function fileFailure(testFile: string, before: readonly string[]): TestResult {
  const said = before.map((line) => line.replace(/^# /, '')).find((line) => /^(?:\w+)?Error\b/.test(line));
  return { name: testFile, status: 'error', message: shortened(said ?? 'the file cannot be loaded') };
}

function tapFailure(name: string, detail: string, testFile: string, indent: string): TestResult {
  const lines = detail.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${indent}  error: `));
  const value = (lines[at] ?? '').slice(indent.length + '  error: '.length);
  const message = shortened(
    /^\|-?$/.test(value)
      ? textBlock(lines.slice(at + 1), `${indent}    `)
      : value.replace(/^['"]|['"]$/g, ''),
  );
  const compared = /code: 'ERR_ASSERTION'/.test(detail);
  const stack = detail.slice(Math.max(0, detail.indexOf('stack:')));
  return { name, status: compared ? 'failed' : statusOf(message, stack, testFile), message };
}

/** A text over several lines, as YAML has it: all that stands this deep, or is blank. */
function textBlock(lines: readonly string[], indent: string): string {
  const end = lines.findIndex((line) => line.trim() !== '' && !line.startsWith(indent));
  return lines.slice(0, end < 0 ? undefined : end).join('\n');
}

const unescapeTap = (name: string): string => name.replace(/\\([\\#])/g, '$1').trim();
