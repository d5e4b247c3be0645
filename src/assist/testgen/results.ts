/** What a test runner says, per test. */
import type { FrameworkId } from './framework';

/**
 * `failed`: it ran and something was not as expected, or the code under test raised an error of its own: that may be a
 * bug found. `error`: the test itself does not run.
 */
export type TestStatus = 'passed' | 'failed' | 'error';

export interface TestResult {
  readonly name: string;
  readonly status: TestStatus;
  /** One line or a few, for people and for a repair. */
  readonly message: string;
}

export interface RunOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The report file, where the runner wrote one. */
  readonly report: string;
}

/** @param testFile name of the test file without folders: an error whose last place is in it is the test's own */
export function readResults(id: FrameworkId, output: RunOutput, testFile: string): TestResult[] {
  switch (id) {
    case 'pytest':
    case 'unittest':
      return junitResults(output.report, testFile);
    case 'vitest':
    case 'jest':
      return jestResults(output.report === '' ? output.stdout : output.report, testFile);
    case 'mocha':
      return mochaResults(output.stdout, testFile);
    case 'node:test':
      return tapResults(output.stdout, testFile);
    case 'go':
      return goResults(output.stdout);
    case 'cargo':
      return cargoResults(output.stdout);
    default:
      return [];
  }
}

/** JUnit's XML as pytest writes it. */
function junitResults(xml: string, testFile: string): TestResult[] {
  return [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].flatMap(
    ([, attributes = '', inner = '']) => {
      const name = unescapeXml(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? '').replace(/\[.*\]$/, '');
      const [, kind, head = '', body = ''] =
        /<(failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/.exec(inner) ?? [];
      if (kind === undefined) return [{ name, status: 'passed' as const, message: '' }];
      const message = unescapeXml(/\bmessage="([^"]*)"/.exec(head)?.[1] ?? '');
      const status = kind === 'error' ? 'error' : statusOf(message, unescapeXml(body), testFile);
      return [{ name, status, message: shortened(message) }];
    },
  );
}

/** Comparisons that failed are told by the kind of error; other errors by where they were raised. */
function statusOf(message: string, trace: string, testFile: string): TestStatus {
  if (
    /^(?:AssertionError|assert\b|Failed:|.*DID NOT RAISE)/.test(message) ||
    /AssertionError|\[ERR_ASSERTION\]/.test(trace.split('\n')[0] ?? '')
  ) {
    return 'failed';
  }
  if (/^E?\s*(?:SyntaxError|IndentationError|ImportError|ModuleNotFoundError)/.test(message)) return 'error';
  const places = [...trace.matchAll(/([\w./\\-]+\.[cm]?[a-z]+):(\d+)/g)].map(([, path = '']) => path);
  const own = places.filter((path) => !/node_modules|site-packages|node:|\/lib\/python/.test(path));
  // Python's last place is the deepest, JavaScript's the first.
  const deepest = testFile.endsWith('.py') ? own.at(-1) : own[0];
  return deepest !== undefined && !deepest.endsWith(testFile) ? 'failed' : 'error';
}

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

function jestResults(json: string, testFile: string): TestResult[] {
  const report = parseJson<JestReport>(json);
  return (report?.testResults ?? []).flatMap(({ assertionResults = [] }) =>
    assertionResults.map(({ title = '', status, failureMessages = [] }): TestResult => {
      const text = withoutColours(failureMessages.join('\n'));
      const compared = /AssertionError|expect\(|expected .* to /.test(text.split('\n')[0] ?? '');
      if (status === 'passed') return { name: title, status: 'passed', message: '' };
      return {
        name: title,
        status: compared ? 'failed' : statusOf(text, text, testFile),
        message: shortened(text),
      };
    }),
  );
}

interface MochaTest {
  readonly title: string;
  readonly err?: {
    readonly message?: string;
    readonly stack?: string;
    readonly name?: string;
    readonly code?: string;
  };
}

function mochaResults(stdout: string, testFile: string): TestResult[] {
  const report = parseJson<{ readonly tests?: readonly MochaTest[] }>(stdout.slice(stdout.indexOf('{')));
  return (report?.tests ?? []).map(({ title, err = {} }): TestResult => {
    const { message, stack = '', name = '', code = '' } = err;
    if (message === undefined) return { name: title, status: 'passed', message: '' };
    const compared = name === 'AssertionError' || code === 'ERR_ASSERTION';
    return {
      name: title,
      status: compared ? 'failed' : statusOf(message, stack, testFile),
      message: shortened(message),
    };
  });
}

function tapResults(tap: string, testFile: string): TestResult[] {
  const results: TestResult[] = [];
  const lines = tap.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, indent = '', not, name = ''] = /^(\s*)(not )?ok \d+ - (.*?)(?: # .*)?$/.exec(line) ?? [];
    if (name === '') continue;
    const until = lines.findIndex((each, at) => at > index && each.trim() === '...');
    const detail = lines.slice(index + 1, until < 0 ? index + 1 : until).join('\n');
    // The block around the tests, and the file: they have results of their own.
    if (/type: 'suite'/.test(detail) || name.includes(testFile)) continue;
    if (not === undefined) results.push({ name: unescapeTap(name), status: 'passed', message: '' });
    else results.push(tapFailure(unescapeTap(name), detail, testFile, indent));
  }
  return results;
}

function tapFailure(name: string, detail: string, testFile: string, indent: string): TestResult {
  const inline = /error: ['"]?(?!\|-)(.+?)['"]?$/m.exec(detail)?.[1];
  const block = /error: \|-?\n((?:\s+.*\n?)+?)(?=\s*\w+:)/.exec(detail)?.[1];
  const message = shortened((inline ?? block ?? '').replaceAll(`\n${indent}`, '\n'));
  const compared = /code: 'ERR_ASSERTION'/.test(detail);
  const stack = detail.slice(Math.max(0, detail.indexOf('stack:')));
  return { name, status: compared ? 'failed' : statusOf(message, stack, testFile), message };
}

function goResults(stdout: string): TestResult[] {
  const output = new Map<string, string>();
  const results: TestResult[] = [];
  for (const line of stdout.split('\n')) {
    const event = parseJson<{ Action?: string; Test?: string; Output?: string }>(line);
    const { Action: action, Test: name, Output: text = '' } = event ?? {};
    if (name === undefined || name.includes('/')) continue;
    if (action === 'output') output.set(name, (output.get(name) ?? '') + text);
    if (action === 'pass') results.push({ name, status: 'passed', message: '' });
    if (action === 'fail')
      results.push({ name, status: 'failed', message: shortened(goMessage(output.get(name) ?? '')) });
  }
  return results;
}

const goMessage = (output: string): string =>
  output
    .split('\n')
    .filter((line) => !/^(?:===|\s*---)/.test(line))
    .join('\n');

function cargoResults(stdout: string): TestResult[] {
  return [...stdout.matchAll(/^test (?:\S+::)?(\w+) \.\.\. (ok|FAILED)$/gm)].map(([, name = '', verdict]) => {
    if (verdict === 'ok') return { name, status: 'passed', message: '' };
    const detail = new RegExp(`---- \\S*${name} stdout ----\\n([\\s\\S]*?)\\n\\n`).exec(stdout)?.[1] ?? '';
    return { name, status: 'failed', message: shortened(detail) };
  });
}

/** The first lines, without traces. */
function shortened(message: string): string {
  const lines = withoutColours(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  return lines.slice(0, 4).join(' ').slice(0, 300);
}

// eslint-disable-next-line no-control-regex -- the escape character is what colours begin with
const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

const unescapeTap = (name: string): string => name.replace(/\\([\\#])/g, '$1').trim();

const unescapeXml = (text: string): string =>
  text
    .replace(/&#(\d+);|&#x([0-9a-fA-F]+);/g, (_, decimal?: string, hex?: string) =>
      String.fromCodePoint(decimal === undefined ? parseInt(hex ?? '20', 16) : Number(decimal)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
