/** What `go test`, `cargo test` and Maven say. What compiles runs, so whatever ends a test there is its finding. */
import { compileErrors } from './compileErrors';
import { parseJson, shortened } from './failure';
import { testCases } from './junitXml';
import { SKIPPED, type RunOutput, type TestResult } from './testResult';

export function goResults(output: RunOutput, testFile: string): TestResult[] {
  const printed = new Map<string, string>();
  const results = new Map<string, TestResult>();
  for (const line of output.stdout.split('\n')) {
    const event = parseJson<{ Action?: string; Test?: string; Output?: string }>(line);
    const { Action: action, Test: name, Output: text = '' } = event ?? {};
    if (name === undefined || name.includes('/')) continue;
    if (action === 'output') printed.set(name, (printed.get(name) ?? '') + text);
    if (action === 'pass') results.set(name, { name, status: 'passed', message: '' });
    if (action === 'skip') results.set(name, { name, ...SKIPPED });
    if (action === 'fail') {
      const message = shortened(goMessage(printed.get(name) ?? ''));
      results.set(name, { name, status: 'failed', message });
    }
  }
  return withBroken([...results.values()], output, testFile);
}

const goMessage = (output: string): string =>
  output
    .split('\n')
    .filter((line) => !/^(?:===|\s*---)/.test(line))
    .join('\n');

export function cargoResults(output: RunOutput, testFile: string): TestResult[] {
  const { stdout } = output;
  const results = [...stdout.matchAll(/^test (?:\S+::)?(\w+)(?: - should panic)? \.\.\. (ok|FAILED)$/gm)].map(
    ([, name = '', verdict]): TestResult => {
      if (verdict === 'ok') return { name, status: 'passed', message: '' };
      const detail =
        new RegExp(
          `^---- (?:\\S+::)?${name} stdout ----\\n([\\s\\S]*?)(?=\\n----|\\n\\nfailures:|\\n\\n\\n)`,
          'm',
        ).exec(stdout)?.[1] ?? '';
      return { name, status: 'failed', message: shortened(cargoMessage(detail)) };
    },
  );
  return withBroken(results, output, testFile);
}

const cargoMessage = (detail: string): string =>
  detail
    .split('\n')
    .filter((line) => !/^note:|^stack backtrace/.test(line))
    .join('\n');

/** JUnit under Maven. */
export function surefireResults(output: RunOutput, testFile: string): TestResult[] {
  const results = testCases(output.report).map(({ name, kind, message }): TestResult => {
    if (kind === 'skipped') return { name, ...SKIPPED };
    return { name, status: kind === undefined ? 'passed' : 'failed', message: shortened(message) };
  });
  const all = withBroken(results, output, testFile);
  const said = /^\[ERROR\] (.+)$/m.exec(output.stdout)?.[1];
  if (all.length > 0 || said === undefined) return all;
  return [{ name: testFile, status: 'error', message: shortened(said) }];
}

/** With those that did not compile; and where nothing ran at all, what the compiler says. */
function withBroken(results: TestResult[], output: RunOutput, testFile: string): TestResult[] {
  const all = [...results, ...(output.notCompiled ?? [])];
  if (all.length > 0) return all;
  const [error] = compileErrors(output);
  if (error === undefined) return [];
  const message = shortened(`${error.path}:${error.line}: ${error.message}`);
  return [{ name: testFile, status: 'error', message }];
}
